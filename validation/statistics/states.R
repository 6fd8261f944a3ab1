# Multi-state survfit.
states <- function(label, file, names, jumps, both) {
  data <- read.csv(file.path(rows_folder, file), colClasses = c(source = "character", target = "character"))
  data$target <- factor(data$target, c("", names))
  data$source <- factor(data$source, names)
  fit <- survfit(Surv(start, stop, target) ~ 1, data, id = id, istate = source, conf.type = "log-log", influence = TRUE)
  place <- match(names, fit$states)
  say(paste0(label, "/times"), fit$time)
  say(paste0(label, "/probability"), fit$pstate[, place])
  say(paste0(label, "/standard error"), fit$std.err[, place])
  say(paste0(label, "/low"), fit$lower[, place])
  say(paste0(label, "/high"), fit$upper[, place])
  say(paste0(label, "/at risk"), fit$n.risk[, place])
  arrows <- sapply(jumps, function(jump) {
    paste0(match(jump[1], fit$states), ".", match(jump[2], fit$states))
  })
  say(paste0(label, "/cumulative hazard"), fit$cumhaz[, arrows])
  # one transition at a time: the others out of its state are ends of follow-up
  errors <- sapply(jumps, function(jump) {
    part <- data[data$source == jump[1], ]
    one <- survfit(Surv(start, stop, target == jump[2]) ~ 1, part, id = id, robust = TRUE)
    c(0, one$std.chaz)[findInterval(fit$time, one$time) + 1]
  })
  say(paste0(label, "/hazard standard error"), errors)
  moved <- fit$influence.pstate
  extra <- dim(moved)[2] - length(fit$time)
  pair <- moved[, , place[both[1]]] + moved[, , place[both[2]]]
  say(paste0(label, "/sum of states, standard error"), sqrt(colSums(pair^2))[seq_along(fit$time) + extra])
  days_in(paste0(label, "/days in states"), fit, 730, place)
}
from <- function(a, ...) lapply(c(...), function(b) c(a, b))
states("ebmt3/states", "ebmt3.csv", c("transplant", "platelets", "relapse or death"),
  c(from("transplant", "platelets", "relapse or death"), from("platelets", "relapse or death")), c(1, 2))
states("ebmt4/states", "ebmt4.csv", c("transplant", "recovered", "adverse", "both", "relapse", "death"),
  c(from("transplant", "recovered", "adverse", "relapse", "death"), from("recovered", "both", "relapse", "death"),
    from("adverse", "both", "relapse", "death"), from("both", "relapse", "death"), from("relapse", "death")), c(1, 2))
states("copelan/states, two beginnings", "copelan.csv", c("MTX", "no MTX", "relapse", "death"),
  c(from("MTX", "relapse", "death"), from("no MTX", "relapse", "death"), from("relapse", "death")), c(1, 2))
