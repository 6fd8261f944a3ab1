# Cox and Fine-Gray.
TIGHT <- coxph.control(eps = 1e-13, iter.max = 100, toler.chol = 1e-14)
cox <- function(label, fit, ...) {
  say(paste0(label, "/coefficients"), coef(fit))
  say(paste0(label, "/covariance"), fit$var)
  if (!is.null(fit$naive.var)) say(paste0(label, "/information covariance"), fit$naive.var)
  say(paste0(label, "/log likelihood"), rev(fit$loglik))
  say(paste0(label, "/score test"), fit$score)
}
base <- function(label, fit) {
  hazard <- basehaz(fit, centered = FALSE)
  strata <- if (is.null(hazard$strata)) rep("", nrow(hazard)) else as.character(hazard$strata)
  for (name in unique(strata)) {
    one <- hazard[strata == name, ]
    say(paste0(label, "/baseline hazard ", sub("^.*=", "", name)), c(0, one$hazard)[findInterval(DAYS, one$time) + 1])
  }
}
fg <- function(label, time, event, x, cause) {
  fit <- crr(time, event, x, failcode = cause, gtol = 1e-12, maxiter = 100)
  say(paste0(label, "/coefficients"), fit$coef)
  say(paste0(label, "/covariance"), fit$var)
  say(paste0(label, "/information covariance"), solve(fit$inf))
  say(paste0(label, "/log likelihood"), c(fit$loglik, fit$loglik.null))
  made <- predict(fit, x[1:3, , drop = FALSE])
  at <- findInterval(DAYS, made[, 1])
  say(paste0(label, "/predicted incidence"), rbind(0, made)[at + 1, -1])
}

x <- with(copelan, 1 * cbind(z1, z8, group == 2, group == 3))
y <- with(ebmt4, 1 * cbind(agecl == "20-40", agecl == ">40", proph == "yes", match == "gender mismatch"))
z <- with(ebmt3, 1 * cbind(dissub == "ALL", dissub == "CML", age == ">40", tcd == "TCD"))
for (ties in c("efron", "breslow")) {
  fit <- coxph(Surv(time, failed) ~ x, copelan, ties = ties, control = TIGHT)
  cox(paste0("copelan/Cox, ", ties), fit); base(paste0("copelan/Cox, ", ties), fit)
  fit <- coxph(Surv(time, failed) ~ y, ebmt4, ties = ties, control = TIGHT)
  cox(paste0("ebmt4/Cox, ", ties), fit); base(paste0("ebmt4/Cox, ", ties), fit)
  fit <- coxph(Surv(time, failed) ~ x, copelan, ties = ties, robust = TRUE, weights = 1 + z3 / 3, control = TIGHT)
  cox(paste0("copelan/Cox, ", ties, ", weights, robust"), fit); base(paste0("copelan/Cox, ", ties, ", weights, robust"), fit)
}
fit <- coxph(Surv(time, failed) ~ z + strata(drmatch), ebmt3, robust = TRUE, control = TIGHT)
cox("ebmt3/Cox, strata, robust", fit); base("ebmt3/Cox, strata, robust", fit)

changing <- read.csv(file.path(rows_folder, "changing.csv"))
for (ties in c("efron", "breslow")) {
  fit <- coxph(Surv(start, stop, event) ~ gvhd + platelets + age, changing, cluster = id, ties = ties, control = TIGHT)
  cox(paste0("copelan/Cox, ", ties, ", changing covariates"), fit)
  base(paste0("copelan/Cox, ", ties, ", changing covariates"), fit)
}
for (cause in 1:2) {
  fg(paste0("copelan/Fine-Gray, cause ", cause), copelan$time, copelan$event, x, cause)
  fg(paste0("ebmt4/Fine-Gray, cause ", cause), ebmt4$time, ebmt4$event, y, cause)
  fg(paste0("ebmt3/Fine-Gray, cause ", cause), ebmt3$first, ebmt3$event, z, cause)
}
