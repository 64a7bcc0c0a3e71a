# SPDX-License-Identifier: MIT
bourse_bad_plugin(reads_later_function time-travel.lowest-host reads_later_function.c OUTCOME crashed)
bourse_bad_plugin(wants_this_host time-travel.longer-host wants_this_host.c)
bourse_bad_plugin(needs_extension time-travel.no-extensions needs_extension.c OUTCOME crashed)
bourse_bad_plugin(offers_all time-travel.unknown-id offers_all.c)
bourse_bad_plugin(wants_this_report time-travel.longer-report wants_this_report.c)
bourse_bad_plugin(knows_all_kinds time-travel.unknown-numbers knows_all_kinds.c)
