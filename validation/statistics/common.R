# Shared by the oracle scripts: data, and one line for each value.
suppressPackageStartupMessages({
  library(survival)
  library(cmprsk)
})
invisible(Sys.setlocale("LC_COLLATE", "C"))
folder <- commandArgs(trailingOnly = TRUE)[1]
rows_folder <- commandArgs(trailingOnly = TRUE)[2]
DAYS <- c(30, 100, 180, 365, 730, 1000)

say <- function(quantity, values) {
  values <- as.numeric(values)
  cat(sprintf("%s\t%d\t%.17g\n", quantity, seq_along(values) - 1L, values), sep = "")
}

read <- function(name) read.csv(file.path(folder, paste0(name, ".csv")))

copelan <- read("copelan_bmt")
copelan$event <- ifelse(copelan$d2 == 1, 1, ifelse(copelan$d1 == 1, 2, 0))
copelan$failed <- copelan$d3
copelan$time <- copelan$t2

ebmt4 <- read("ebmt4")
ebmt4$time <- pmin(ebmt4$rel, ebmt4$srv)
ebmt4$event <- ifelse(ebmt4$rel.s == 1, 1, ifelse(ebmt4$srv.s == 1, 2, 0))
ebmt4$failed <- as.integer(ebmt4$event > 0)

ebmt3 <- read("ebmt3")
ebmt3$time <- ebmt3$rfstime
ebmt3$failed <- ebmt3$rfsstat
# platelet recovery with relapse or death as the competing event
ebmt3$first <- ifelse(ebmt3$prstat == 1 & ebmt3$prtime <= ebmt3$rfstime, ebmt3$prtime, ebmt3$rfstime)
ebmt3$event <- ifelse(ebmt3$prstat == 1 & ebmt3$prtime <= ebmt3$rfstime, 1, ifelse(ebmt3$rfsstat == 1, 2, 0))

# mean days in states to a horizon, and standard errors from the influence of each patient
days_in <- function(label, fit, horizon, keep = TRUE) {
  inside <- fit$time < horizon
  width <- diff(c(0, fit$time[inside], horizon))
  share <- rbind(fit$p0, fit$pstate[inside, , drop = FALSE])
  moved <- fit$influence.pstate
  if (dim(moved)[2] == length(fit$time)) {
    first <- array(0, c(dim(moved)[1], 1, dim(moved)[3]))
    joined <- array(0, dim(moved) + c(0, 1, 0))
    joined[, -1, ] <- moved
    moved <- joined
  }
  part <- moved[, c(TRUE, inside), , drop = FALSE]
  total <- sapply(seq_len(dim(part)[3]), function(k) part[, , k] %*% width)
  say(paste0(label, " mean"), colSums(share * width)[keep])
  say(paste0(label, " standard error"), sqrt(colSums(total^2))[keep])
}
