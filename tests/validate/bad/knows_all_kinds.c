/* SPDX-License-Identifier: MIT */
#include "bourse/bourse.h"

static int knows(const bourse_report* report) {
  for (size_t i = 0; i < report->n_charts; ++i) {
    if (report->charts[i]->kind > BOURSE_CHART_HEATMAP) return 0;
  }
  return 1;
}
#define PLAIN_RENDER \
  if (!knows(report)) return BOURSE_INTERNAL
#include "plain.c"
