// SPDX-License-Identifier: MIT
//
// Whether a PostgreSQL history is whole, as far as its server can tell.
#include "plugins/sources/history/store/postgres_connection.hpp"

namespace bourse::history {

namespace {

/// Each row's text is a finding.
Status find_all(PgLink& link, const std::string& sql, std::vector<std::string>& findings) {
  auto rows = link.ask(sql);
  if (!rows) return std::move(rows).error();
  for (int i = 0; i < rows->count(); ++i) findings.push_back(rows->text(i, 0));
  return Done{};
}

constexpr const char* kFailedPages =
    "SELECT 'the server has found ' || checksum_failures || ' damaged pages in this database, the "
    "last ' || coalesce(to_char(checksum_last_failure AT TIME ZONE 'UTC', "
    "'YYYY-MM-DD HH24:MI:SS'), 'at a time it does not know') FROM pg_stat_database WHERE datname = "
    "current_database() AND checksum_failures > 0";
constexpr const char* kInvalidIndexes =
    "SELECT 'the index ' || c.relname || ' is not valid: reindex it' FROM pg_index AS i JOIN "
    "pg_class AS c ON c.oid = i.indexrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE "
    "n.nspname = 'bourse' AND NOT (i.indisvalid AND i.indisready) ORDER BY c.relname";
constexpr const char* kLostPartitions =
    "SELECT 'the table ' || c.relname || ' is no part of candle any more: its rows are not found' "
    "FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = "
    "'bourse' AND c.relkind = 'r' AND c.relname ~ '^candle_[0-9]{4}_[0-9]{2}$' AND NOT EXISTS "
    "(SELECT FROM pg_inherits WHERE inhrelid = c.oid AND inhparent = 'candle'::regclass) ORDER BY "
    "c.relname";
/// Indexes that amcheck may be asked about by this user: its functions are the superuser's, unless
/// they were granted.
constexpr const char* kIndexes =
    "SELECT e.nspname || '.bt_index_check', c.oid::bigint, c.relname FROM pg_extension AS x JOIN "
    "pg_namespace AS e ON e.oid = x.extnamespace, pg_class AS c JOIN pg_namespace AS n ON n.oid = "
    "c.relnamespace JOIN pg_index AS i ON i.indexrelid = c.oid WHERE x.extname = 'amcheck' AND "
    "n.nspname = 'bourse' AND c.relkind = 'i' AND i.indisvalid AND "
    "has_schema_privilege(e.oid, 'USAGE') AND has_function_privilege((SELECT p.oid FROM pg_proc AS "
    "p WHERE p.proname = 'bt_index_check' AND p.pronamespace = e.oid AND p.pronargs = 2), "
    "'EXECUTE') ORDER BY c.relname";

}  // namespace

Result<std::vector<std::string>> PgConnection::check(Depth depth, const Store::Stop& stop) {
  std::vector<std::string> findings;
  for (const char* const sql : {kFailedPages, kInvalidIndexes, kLostPartitions}) {
    if (auto done = find_all(*link_, sql, findings); !done) return std::move(done).error();
  }
  if (depth == Depth::kQuick) return findings;
  auto indexes = link_->ask(kIndexes);
  if (!indexes) return std::move(indexes).error();
  for (int i = 0; i < indexes->count(); ++i) {
    if (stop && stop()) {
      return Error{ErrorKind::kBusy, "the check was stopped before its end", {}};
    }
    // What it finds is an error of the statement, and would end the transaction.
    if (auto begun = link_->run("SAVEPOINT one"); !begun) return std::move(begun).error();
    auto checked = link_->ask("SELECT " + indexes->text(i, 0) + "(" +
                              std::to_string(indexes->integer(i, 1)) + "::oid::regclass, true)");
    if (checked) continue;
    if (!link_->is_alive()) return std::move(checked).error();
    findings.push_back("the index " + indexes->text(i, 2) + ": " + checked.error().message);
    if (auto back = link_->run("ROLLBACK TO one"); !back) return std::move(back).error();
  }
  return findings;
}

}  // namespace bourse::history
