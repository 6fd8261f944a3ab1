# Small random samples with many ties: what the real data may not contain.
samples <- read.csv(file.path(rows_folder, "samples.csv"))
for (k in unique(samples$sample)) {
  d <- samples[samples$sample == k, ]
  n <- nrow(d)
  kind <- if (n < 10) "tiny samples" else "samples with ties"
  fit <- survfit(Surv(time, event > 0) ~ 1, d, conf.type = "log-log")
  say(paste0(kind, "/Kaplan-Meier/estimate"), fit$surv)
  say(paste0(kind, "/Kaplan-Meier/standard error"), fit$std.err * fit$surv)
  q <- quantile(fit, c(0.25, 0.5, 0.75))
  say(paste0(kind, "/Kaplan-Meier/quantiles"), c(q$quantile, q$lower, q$upper))
  late <- d[d$entry < d$time, ]
  fit <- survfit(Surv(entry, time, event > 0) ~ 1, late, conf.type = "log-log")
  say(paste0(kind, "/Kaplan-Meier, left truncation/estimate"), fit$surv)
  fit <- survfit(Surv(time, factor(event, 0:2)) ~ 1, d, id = seq_len(n))
  say(paste0(kind, "/incidence, jackknife/estimate"), fit$pstate[, -1])
  say(paste0(kind, "/incidence, jackknife/standard error"), fit$std.err[, -1])
  times <- sort(unique(d$time))
  fit <- cuminc(d$time, d$event, cencode = 0)
  for (cause in c("1 1", "1 2")) if (cause %in% names(fit)) {
    read <- timepoints(fit[cause], times)
    say(paste0(kind, "/cumulative incidence/cmprsk standard error"), sqrt(read$var))
  }
  if (n < 10) next
  say(paste0(kind, "/log-rank/statistic"), survdiff(Surv(time, event > 0) ~ group, d)$chisq)
  say(paste0(kind, "/log-rank, strata/statistic"), survdiff(Surv(time, event > 0) ~ group + strata(stratum), d)$chisq)
  say(paste0(kind, "/Gray/statistic"), cuminc(d$time, d$event, d$group)$Tests[, "stat"])
  say(paste0(kind, "/Gray, strata/statistic"), cuminc(d$time, d$event, d$group, strata = d$stratum)$Tests[, "stat"])
  tight <- coxph.control(eps = 1e-13, iter.max = 100, toler.chol = 1e-14)
  for (ties in c("efron", "breslow")) {
    fit <- coxph(Surv(entry, time, event > 0) ~ x + z + strata(stratum), late,
      ties = ties, cluster = seq_len(nrow(late)), weights = 1 + x, control = tight)
    say(paste0(kind, "/Cox, ", ties, ", everything/coefficients"), coef(fit))
    say(paste0(kind, "/Cox, ", ties, ", everything/covariance"), fit$var)
  }
  fit <- crr(d$time, d$event, cbind(d$x, d$z), gtol = 1e-12, maxiter = 100)
  say(paste0(kind, "/Fine-Gray/coefficients"), fit$coef)
  say(paste0(kind, "/Fine-Gray/covariance"), fit$var)
  fit <- concordance(Surv(d$time, d$event > 0) ~ z, d, reverse = TRUE)
  say(paste0(kind, "/Harrell/C and standard error"), c(fit$concordance, sqrt(fit$var)))
}
