# Log-rank, Gray, concordance, calibration, Brier.
logrank <- function(label, fit, groups) {
  say(paste0(label, "/statistic"), fit$chisq)
  say(paste0(label, "/p"), pchisq(fit$chisq, groups - 1, lower.tail = FALSE))
  # with strata, one column each
  say(paste0(label, "/observed"), rowSums(as.matrix(fit$obs)))
  say(paste0(label, "/expected"), rowSums(as.matrix(fit$exp)))
  say(paste0(label, "/covariance"), fit$var)
}
logrank("copelan/log-rank", survdiff(Surv(time, failed) ~ group, copelan), 3)
logrank("copelan/log-rank, strata", survdiff(Surv(time, failed) ~ group + strata(z10), copelan), 3)
logrank("ebmt4/log-rank", survdiff(Surv(time, failed) ~ agecl, ebmt4), 3)
logrank("ebmt4/log-rank, strata", survdiff(Surv(time, failed) ~ agecl + strata(match), ebmt4), 3)

gray <- function(label, ...) {
  tests <- cuminc(...)$Tests
  say(paste0(label, "/statistic"), tests[, "stat"])
  say(paste0(label, "/p"), tests[, "pv"])
}
gray("copelan/Gray", copelan$time, copelan$event, copelan$group)
gray("copelan/Gray, strata", copelan$time, copelan$event, copelan$group, strata = copelan$z10)
gray("ebmt4/Gray", ebmt4$time, ebmt4$event, ebmt4$agecl)
gray("ebmt4/Gray, strata", ebmt4$time, ebmt4$event, ebmt4$agecl, strata = ebmt4$match)
gray("ebmt3/Gray", ebmt3$first, ebmt3$event, ebmt3$dissub)

harrell <- function(label, response, risk) {
  fit <- concordance(response ~ risk, reverse = TRUE)
  say(paste0(label, "/C"), fit$concordance)
  say(paste0(label, "/standard error"), sqrt(fit$var))
}
harrell("copelan/Harrell", Surv(copelan$time, copelan$failed), copelan$z1)
harrell("ebmt4/Harrell", Surv(ebmt4$time, ebmt4$failed), as.integer(factor(ebmt4$agecl)))

# age / 100 stands for a predicted probability: only the arithmetic is compared
made <- copelan$z1 / 100
edges <- unique(quantile(made, c(0.25, 0.5, 0.75)))
group <- findInterval(made, edges, left.open = TRUE)
read <- timepoints(cuminc(copelan$time, copelan$event, group), 365)
own <- seq_len(length(unique(group)))
say("copelan/calibration/observed", read$est[own, ])
say("copelan/calibration/standard error", sqrt(read$var[own, ]))
say("copelan/calibration/predicted", tapply(made, group, mean))

censor <- survfit(Surv(time, event == 0) ~ 1, copelan)
left <- function(t) c(1, censor$surv)[findInterval(t, censor$time, left.open = TRUE) + 1]
right <- function(t) c(1, censor$surv)[findInterval(t, censor$time) + 1]
weight <- ifelse(copelan$time > 365, 1 / right(365), ifelse(copelan$event > 0, 1 / left(copelan$time), 0))
outcome <- as.numeric(copelan$time <= 365 & copelan$event == 1)
say("copelan/Brier/score", mean(weight * (outcome - made)^2))
