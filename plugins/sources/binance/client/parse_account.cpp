// SPDX-License-Identifier: MIT
#include <utility>

#include "plugins/sources/binance/client/json.hpp"
#include "plugins/sources/binance/client/parse.hpp"

namespace bourse::binance {
namespace {

class AccountVisitor final : public JsonVisitor {
 public:
  Account account;
  [[nodiscard]] bool complete() const noexcept { return balances_seen_ && type_seen_; }

  bool begin_object() override {
    ++depth_;
    if (depth_ == 3 && part_ == Part::kBalances) balance_ = {};
    return true;
  }
  bool end_object() override {
    if (depth_-- != 3 || part_ != Part::kBalances) return true;
    if (balance_.asset.empty()) return fail("a balance has no asset");
    account.balances.push_back(std::move(balance_));
    return true;
  }
  bool begin_array() override {
    if (depth_ == 0) return fail("expected an object");
    balances_seen_ |= depth_ == 1 && part_ == Part::kBalances;
    ++depth_;
    return true;
  }
  bool end_array() override { return --depth_, true; }
  bool key(std::string_view name) override {
    if (depth_ == 1) {
      part_ = name == "balances"          ? Part::kBalances
              : name == "permissions"     ? Part::kPermissions
              : name == "commissionRates" ? Part::kCommission
                                          : Part::kTop;
    }
    key_ = name;  // views into the body, which outlives the visit
    return true;
  }
  bool value(const Scalar& scalar) override {
    if (depth_ == 0) return fail("expected an object");
    if (depth_ == 1) return set_top(scalar) || odd();
    if (depth_ == 2 && part_ == Part::kPermissions) {
      return to_name(scalar, account.permissions.emplace_back()) || odd();
    }
    if (depth_ == 2 && part_ == Part::kCommission) return set_commission(scalar) || odd();
    if (depth_ == 3 && part_ == Part::kBalances) return set_balance(scalar) || odd();
    return true;
  }

 private:
  enum class Part : std::uint8_t { kTop, kBalances, kPermissions, kCommission };

  bool odd() { return fail(printable(key_, 40) + " is not what it should be"); }
  bool set_top(const Scalar& scalar) {
    if (key_ == "accountType") return type_seen_ = to_name(scalar, account.account_type);
    if (key_ == "canTrade") return to_bool(scalar, account.can_trade);
    if (key_ == "canWithdraw") return to_bool(scalar, account.can_withdraw);
    if (key_ == "canDeposit") return to_bool(scalar, account.can_deposit);
    if (key_ == "updateTime") return to_time(scalar, account.update_time);
    return part_ == Part::kTop;  // a scalar where a list should be
  }
  bool set_commission(const Scalar& scalar) {
    if (key_ == "maker") return to_decimal(scalar, account.maker_commission);
    if (key_ == "taker") return to_decimal(scalar, account.taker_commission);
    return true;
  }
  bool set_balance(const Scalar& scalar) {
    if (key_ == "asset") return to_name(scalar, balance_.asset);
    if (key_ == "free") return to_decimal(scalar, balance_.free) && balance_.free.sign() >= 0;
    if (key_ == "locked") {
      return to_decimal(scalar, balance_.locked) && balance_.locked.sign() >= 0;
    }
    return true;
  }

  std::string_view key_;
  Balance balance_;
  Part part_ = Part::kTop;
  int depth_ = 0;
  bool balances_seen_ = false, type_seen_ = false;
};

}  // namespace

Result<Account> parse_account(std::string& body) {
  AccountVisitor visitor;
  if (auto parsed = parse_json(body, visitor, "the account"); !parsed) {
    return std::move(parsed).error();
  }
  if (!visitor.complete()) {
    return Error{.kind = ErrorKind::kProtocol,
                 .message = "The exchange's answer about the account lacks its balances or type.",
                 .advice = "Try again later.",
                 .reach = Reach::kAnswered};
  }
  return std::move(visitor.account);
}

}  // namespace bourse::binance
