// SPDX-License-Identifier: MIT
//
// Long work on a history: what `bourse task SOURCE NAME` and `tasks:` of the configuration do.
//
// Each opens the database for itself, as one that writes between a server's writes. What it kept
// stays when it is ended, and the next run goes on from there: nothing but the coverage is needed
// for that.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "bourse/ext/tasks.hpp"
#include "bourse/market.h"
#include "bourse/plugin.hpp"
#include "plugins/sources/history/answer.hpp"
#include "plugins/sources/history/must.hpp"
#include "plugins/sources/history/settings.hpp"
#include "plugins/sources/history/store/store.hpp"

namespace bourse::history {

inline constexpr Param kSymbols =
    Param("symbols", BOURSE_TYPE_LIST, "Markets.").list_of(BOURSE_TYPE_TEXT).bounds("1", "500");
inline constexpr Param kIntervals =
    Param("intervals", BOURSE_TYPE_LIST, "Lengths of candles: 1m, 1h.")
        .list_of(BOURSE_TYPE_TEXT)
        .with_default("1m")
        .bounds("1", "16");
inline constexpr Param kStart = Param("start", BOURSE_TYPE_TIME, "From this open time on.");
inline constexpr Param kEnd =
    Param("end", BOURSE_TYPE_TIME, "Up to this open time, inclusive. Without it, to now.");

struct TaskNumber {
  static constexpr std::size_t kBackfill = 0, kStatus = 1, kVerify = 2, kRepair = 3, kPrune = 4,
                               kImport = 5, kExport = 6;
};
inline constexpr std::array kBackfillParams{
    Param(kSymbols).required(), kIntervals, Param(kStart).required(), kEnd,
    Param(
        "share", BOURSE_TYPE_F64,
        "How much of the source's limit may be used up, by whomever, when it still asks; the rest "
        "is left to requests. Of a source that does not say so: how much of the time it asks.")
        .with_default("0.5")
        .bounds("0.01", "1")};
inline constexpr const char* kDepths[] = {"quick", "full", nullptr};
inline constexpr std::array kStatusParams{
    Param("check", BOURSE_TYPE_BOOL,
          "Also reads the database from end to end, and compares it with "
          "itself. Minutes for 100 million candles.")
        .with_default("false"),
    Param("depth", BOURSE_TYPE_TEXT,
          "Of the check. quick: the structure alone. full: also indexes, and that rows, coverage "
          "and roll-ups agree.")
        .with_default("full")
        .one_of(kDepths)};
inline constexpr std::array kVerifyParams{Param(kSymbols).required(), kIntervals,
                                          Param(kStart).required(), kEnd, kBackfillParams[4]};
inline constexpr std::array kRepairParams = kVerifyParams;
inline constexpr std::array kPruneParams{
    kSymbols,
    Param("intervals", BOURSE_TYPE_LIST, "Lengths of candles; all when not given.")
        .list_of(BOURSE_TYPE_TEXT)
        .bounds("1", "16"),
    Param("before", BOURSE_TYPE_TIME,
          "What is of before it is taken away. Without it, what is older than the configuration's "
          "candles_for, trades_for and books_for."),
    Param("kinds", BOURSE_TYPE_LIST, "candles, trades, books; all when not given.")
        .list_of(BOURSE_TYPE_TEXT)
        .one_of(kKinds)
        .bounds("1", "3")};

inline constexpr std::array kImportParams{
    Param("files", BOURSE_TYPE_LIST,
          "Files of candles as the exchange publishes them, packed or not: "
          "BTCUSDT-1m-2024-01.zip; or folders of such files.")
        .list_of(BOURSE_TYPE_TEXT)
        .required()
        .bounds("1", "10000"),
    Param("accept_mismatch", BOURSE_TYPE_BOOL,
          "Also takes files whose published checksum is another.")
        .with_default("false")};
inline constexpr std::array kExportParams{
    Param("folder", BOURSE_TYPE_TEXT, "Where files are made; it must exist.").required(),
    Param(kSymbols).required(),
    kIntervals,
    Param(kStart).required(),
    kEnd,
    Param("kinds", BOURSE_TYPE_LIST, "candles, trades, books.")
        .list_of(BOURSE_TYPE_TEXT)
        .one_of(kKinds)
        .with_default("candles")
        .bounds("1", "3")};

inline constexpr std::array kTasks{
    Task{.name = "backfill",
         .title = "Ask for what is not known",
         .doc = "Asks the source below for all candles of a time that are not known yet, and keeps "
                "them.",
         .params = kBackfillParams},
    Task{.name = "status",
         .title = "What is kept",
         .doc = "For each market and interval: from when to when, candles, gaps, conflicts; trades "
                "and books; and how much room each kind takes.",
         .params = kStatusParams},
    Task{.name = "verify",
         .title = "Compare with the source",
         .doc = "Asks the source below again for the candles that are kept, and says what differs. "
                "The newer version is shown from then on, the older one is kept beside it. Says "
                "which trades are missing between kept ones.",
         .params = kVerifyParams},
    Task{.name = "repair",
         .title = "Ask again for what was empty",
         .doc = "Asks the source below again for all that was found empty, however old it is.",
         .params = kRepairParams},
    Task{.name = "prune",
         .title = "Take away what is old",
         .doc = "Takes away what is older than a time, or than the configuration says of its kind; "
                "of candles also what is known of that time.",
         .params = kPruneParams},
    Task{
        .name = "import",
        .title = "Read the exchange's files",
        .doc =
            "Keeps the candles and trades of files that the exchange publishes, and of recordings. "
            "What a "
            "file does not have stays unknown. A daily file is believed more than a monthly one, "
            "and the source more than both.",
        .params = kImportParams},
    Task{.name = "export",
         .title = "Write files",
         .doc =
             "Writes candles and trades as the exchange's files have them, one for each month or "
             "day; books as lines of JSON. The source replay reads the candles.",
         .params = kExportParams}};

/// What a task works with. [one call]
struct Workplace {
  Call& call;
  const Progress& progress;
  Store& store;
  SeriesLocks& locks;
  const std::string& market;  ///< SeriesKey::source
  const Keeping& keeping;
};

/// What others may write in between two batches.
inline constexpr std::chrono::milliseconds kBreath{5};

void backfill(const Workplace& at, const Values& values);
void status(const Workplace& at, const Values& values);
void verify(const Workplace& at, const Values& values);
void repair(const Workplace& at, const Values& values);
void prune(const Workplace& at, const Values& values);
void import_files(const Workplace& at, const Values& values);
void export_files(const Workplace& at, const Values& values);

/// Of `symbols`: numbers that are missing between kept trades, a table and a note. Nothing where
/// no trades of them are kept.
void say_missing_trades(const Workplace& at, const std::vector<std::string>& symbols);
/// Waits; ends the call when nobody waits for it any more.
void sleep(const Call& call, std::chrono::steady_clock::duration time);

}  // namespace bourse::history
