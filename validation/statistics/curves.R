# Kaplan-Meier, cumulative incidence, restricted means.
kaplan <- function(label, formula, data) {
  fit <- survfit(formula, data, conf.type = "log-log")
  say(paste0(label, "/estimate"), fit$surv)
  say(paste0(label, "/standard error"), fit$std.err * fit$surv)
  say(paste0(label, "/low"), fit$lower)
  say(paste0(label, "/high"), fit$upper)
  say(paste0(label, "/at risk"), fit$n.risk)
  q <- quantile(fit, c(0.25, 0.5))
  say(paste0(label, "/quantiles"), c(q$quantile, q$lower, q$upper))
  table <- summary(fit, rmean = 730)$table
  say(paste0(label, "/restricted mean"), table[grep("rmean", names(table))])
}

incidence <- function(label, time, event) {
  fit <- cuminc(time, event, cencode = 0)
  read <- timepoints(fit, DAYS)
  say(paste0(label, "/cmprsk estimate"), t(read$est))
  say(paste0(label, "/cmprsk standard error"), t(sqrt(read$var)))
}

competing <- function(label, response, data, id) {
  fit <- survfit(response ~ 1, data, id = id, conf.type = "log-log", influence = TRUE)
  say(paste0(label, "/estimate"), fit$pstate[, -1])
  say(paste0(label, "/standard error"), fit$std.err[, -1])
  say(paste0(label, "/low"), fit$lower[, -1])
  say(paste0(label, "/high"), fit$upper[, -1])
  days_in(paste0(label, "/time lost"), fit, 730, -1)
}

kaplan("copelan/Kaplan-Meier", Surv(time, failed) ~ 1, copelan)
kaplan("ebmt3/Kaplan-Meier", Surv(time, failed) ~ 1, ebmt3)
kaplan("ebmt4/Kaplan-Meier", Surv(time, failed) ~ 1, ebmt4)
late <- copelan[copelan$dp == 1 & copelan$tp < copelan$time, ]
kaplan("copelan/Kaplan-Meier, left truncation", Surv(tp, time, failed) ~ 1, late)
say("copelan/numbers at risk", summary(survfit(Surv(time, failed) ~ 1, copelan), times = DAYS)$n.risk)
say("ebmt4/numbers at risk", summary(survfit(Surv(time, failed) ~ 1, ebmt4), times = DAYS)$n.risk)

incidence("copelan/cumulative incidence", copelan$time, copelan$event)
incidence("ebmt3/cumulative incidence", ebmt3$first, ebmt3$event)
incidence("ebmt4/cumulative incidence", ebmt4$time, ebmt4$event)
copelan$id <- seq_len(nrow(copelan)); ebmt4$id <- seq_len(nrow(ebmt4)); late$id <- seq_len(nrow(late))
competing("copelan/incidence, jackknife", Surv(copelan$time, factor(copelan$event)), copelan, copelan$id)
competing("ebmt4/incidence, jackknife", Surv(ebmt4$time, factor(ebmt4$event)), ebmt4, ebmt4$id)
competing("copelan/incidence, jackknife, left truncation", Surv(late$tp, late$time, factor(late$event)), late, late$id)
