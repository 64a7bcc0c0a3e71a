# SPDX-License-Identifier: MIT
#
# Groups that call components. asks.c is an analysis, renders.c a serializer, delivers.c a source: correct, but for one statement.
bourse_bad_plugin(asks none asks.c)
bourse_bad_plugin(renders none renders.c)
bourse_bad_plugin(delivers none delivers.c)

# parameters
bourse_bad_plugin(last_of_its_bounds parameters.edges asks.c
  DEFINITIONS "ASKS_BEGIN=if (values[0].as.i64 == 5000) return BOURSE_INTERNAL")
bourse_bad_plugin(end_of_a_text parameters.edges asks.c OUTCOME crashed
  DEFINITIONS "ASKS_BEGIN=if (values[2].as.text.len == 0) abort()")
bourse_bad_plugin(quotation_mark parameters.texts asks.c
  DEFINITIONS "ASKS_BEGIN=if (memchr(values[2].as.text.ptr, '<', values[2].as.text.len)) return BOURSE_INTERNAL")
bourse_bad_plugin(two_bounds_at_once parameters.mixed asks.c OUTCOME crashed
  DEFINITIONS "ASKS_BEGIN=if (values[0].as.i64 == 1 && values[1].as.i64 != 2) abort()")

# threads
bourse_bad_plugin(one_at_a_time threads.together asks.c
  DEFINITIONS "ASKS_MEAN=mean = __atomic_add_fetch(&state, 1, __ATOMIC_SEQ_CST) > 1 ? 0 : mean, usleep(500), __atomic_sub_fetch(&state, 1, __ATOMIC_SEQ_CST)")

# deadline
bourse_bad_plugin(deaf_from_the_start deadline.before asks.c
  DEFINITIONS "ASKS_BEGIN=if (host->poll(call, NULL) != BOURSE_OK) sleep(4)")
bourse_bad_plugin(slow_to_stop deadline.within asks.c OUTCOME warning
  DEFINITIONS "ASKS_MEAN=if (status != BOURSE_OK && ++state < 3) usleep(300000)")
bourse_bad_plugin(own_words_for_a_stop deadline.within asks.c
  DEFINITIONS "ASKS_MEAN=if (status != BOURSE_OK) status = BOURSE_INTERNAL")
bourse_bad_plugin(broken_by_a_stop deadline.afterwards asks.c
  DEFINITIONS "ASKS_MEAN=mean = (state |= status != BOURSE_OK) ? 0 : mean")

# failure
bourse_bad_plugin(asserts_success failure.host asks.c OUTCOME crashed DEFINITIONS "ASKS_SAID=if (status != BOURSE_OK) abort()")
bourse_bad_plugin(tries_again_for_ever failure.host asks.c
  DEFINITIONS "ASKS_SAID=while (status == BOURSE_UNAVAILABLE && ++state % 1000 != 0) status = host->scalar(call, &said)")
bourse_bad_plugin(silent_about_its_source failure.sources asks.c
  DEFINITIONS "ASKS_ANSWERED=if (status != BOURSE_OK) return BOURSE_OK")
bourse_bad_plugin(first_of_no_rows failure.data asks.c
  DEFINITIONS "ASKS_TABLE=if (table->n_rows == 0) return BOURSE_INTERNAL")
bourse_bad_plugin(counts_columns failure.data asks.c OUTCOME crashed
  DEFINITIONS "ASKS_TABLE=if (table->n_fields != 2) abort()")
bourse_bad_plugin(trusts_malloc failure.memory asks.c OUTCOME crashed DEFINITIONS "ASKS_ALLOCATED=(void)no_memory")
bourse_bad_plugin(lets_out failure.memory lets_out.cpp)

# report
bourse_bad_plugin(illegal_key report.accepted asks.c DEFINITIONS ASKS_META_KEY="Of What")
bourse_bad_plugin(reads_a_clock report.same asks.c
  DEFINITIONS "ASKS_MEAN=mean += nanoseconds()")
bourse_bad_plugin(undeclared_scalar report.declared asks.c DEFINITIONS ASKS_MEAN_NAME="average")
bourse_bad_plugin(undeclared_part report.declared asks.c DEFINITIONS "ASKS_PARTS=BOURSE_PART_SCALARS|BOURSE_PART_TABLES")
bourse_bad_plugin(undeclared_dataset report.datasets asks.c DEFINITIONS ASKS_DATASET="quotes")
bourse_bad_plugin(newest_first report.order delivers.c DEFINITIONS "DELIVERS_TIME=-row")

# serializer
bourse_bad_plugin(latin_one serializer.everything renders.c DEFINITIONS "RENDERS_FIRST=\"\\xe4\\n\"")
bourse_bad_plugin(no_json serializer.everything renders.c DEFINITIONS RENDERS_TYPE="application/json")
bourse_bad_plugin(no_json_lines serializer.everything renders.c DEFINITIONS RENDERS_TYPE="application/x-ndjson")
bourse_bad_plugin(expects_a_table serializer.nothing renders.c OUTCOME crashed
  DEFINITIONS "RENDERS_BEGIN=if (report->n_tables == 0) abort()")
bourse_bad_plugin(collects_all serializer.many-rows renders.c
  DEFINITIONS "RENDERS_ROW=status = collect(&all, line, length)"
              "RENDERS_END=if (status == BOURSE_OK) status = host->write(call, (bourse_str){all.bytes, all.size})")
bourse_bad_plugin(writes_to_nobody serializer.gone renders.c
  DEFINITIONS "RENDERS_ROW=(void)host->write(call, (bourse_str){line, length})")

# Data of a real source instead of generated data, and all formats that there are: `--use` and `--plugins`.
add_test(NAME validate.real_source
         COMMAND Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/bad_test.py $<TARGET_FILE:technical> none failed
                 --plugins $<TARGET_FILE_DIR:technical> --use synthetic)
set_tests_properties(validate.real_source PROPERTIES TIMEOUT 120 ENVIRONMENT "${environment}" LABELS validate)
