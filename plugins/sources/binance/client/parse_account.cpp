// SPDX-License-Identifier: MIT
#include <utility>

#include "plugins/sources/binance/client/json.hpp"
#include "plugins/sources/binance/client/parse.hpp"

namespace bourse::binance {
namespace {

/// The exchange writes a commission twice: in whole basis points, from of old, and as a fraction.
struct Commission {
  std::optional<Decimal> basis_points, fraction;
};

/// A basis point is a ten-thousandth: four more decimals.
std::optional<Decimal> fraction_of(const Commission& commission) noexcept {
  if (commission.fraction || !commission.basis_points) return commission.fraction;
  const Decimal points = *commission.basis_points;
  return Decimal::make(points.coefficient(), points.scale() + 4);
}

class AccountVisitor final : public JsonVisitor {
 public:
  [[nodiscard]] bool has_balances() const noexcept { return balances_seen_; }
  Account take() {
    account_.maker_commission = fraction_of(maker_);
    account_.taker_commission = fraction_of(taker_);
    return std::move(account_);
  }

  bool begin_object() override { return begin(); }
  bool end_object() override { return end(); }
  bool begin_array() override {
    if (depth_ == 0) return fail("expected an object");
    if (depth_ == 1 && part_ == Part::kBalances) balances_seen_ = true;
    if (depth_ == 1 && part_ == Part::kPermissions) account_.permissions.emplace();
    return begin();
  }
  bool end_array() override { return end(); }
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
    if (scalar.kind == Scalar::Kind::kNull) return depth_ != 2 || part_ != Part::kBalances || odd();
    if (depth_ == 1) return set_top(scalar) || odd();
    if (depth_ == 2) return set_second(scalar) || odd();
    if (depth_ == 3 && part_ == Part::kBalances && !set_balance(scalar)) balance_odd_ = true;
    return true;
  }

 private:
  enum class Part : std::uint8_t { kTop, kBalances, kPermissions, kCommission };

  bool begin() {
    ++depth_;
    if (depth_ == 3 && part_ == Part::kBalances) {
      balance_ = {};
      balance_odd_ = false;
      ++balances_;
    }
    const bool ours = key_ == "asset" || key_ == "free" || key_ == "locked";
    if (depth_ == 4 && part_ == Part::kBalances && ours) balance_odd_ = true;
    return true;
  }
  bool end() {
    if (depth_-- != 3 || part_ != Part::kBalances) return true;
    if (balance_odd_ || balance_.asset.empty()) {
      return leave_out("balance " + std::to_string(balances_) +
                       (balance_.asset.empty() ? "" : ", " + balance_.asset));
    }
    account_.balances.push_back(std::move(balance_));
    return true;
  }
  bool odd() { return leave_out(printable(key_, 40)); }
  /// What is left out is as if it had not been said.
  bool leave_out(std::string what) {
    if (account_.unreadable.size() == kRejectedMax) return fail("most of it cannot be read");
    account_.unreadable.push_back(std::move(what) + " is not what it should be");
    return true;
  }
  template <class T, class Convert>
  static bool put(const Scalar& scalar, std::optional<T>& to, Convert convert) {
    T read{};
    if (!convert(scalar, read)) return false;
    to = std::move(read);
    return true;
  }
  static bool to_amount(const Scalar& scalar, Decimal& out) noexcept {
    return to_decimal(scalar, out) && out.sign() >= 0;
  }
  bool set_top(const Scalar& scalar) {
    if (key_ == "accountType") return put(scalar, account_.account_type, to_name);
    if (key_ == "canTrade") return put(scalar, account_.can_trade, to_bool);
    if (key_ == "canWithdraw") return put(scalar, account_.can_withdraw, to_bool);
    if (key_ == "canDeposit") return put(scalar, account_.can_deposit, to_bool);
    if (key_ == "updateTime") return put(scalar, account_.update_time, to_time);
    if (key_ == "makerCommission") return put(scalar, maker_.basis_points, to_decimal);
    if (key_ == "takerCommission") return put(scalar, taker_.basis_points, to_decimal);
    return part_ == Part::kTop;  // a scalar where a list should be
  }
  bool set_second(const Scalar& scalar) {
    if (part_ == Part::kBalances) return false;
    if (part_ == Part::kPermissions) {
      std::string name;
      if (!account_.permissions || !to_name(scalar, name)) return false;
      account_.permissions->push_back(std::move(name));
    }
    if (part_ != Part::kCommission) return true;
    if (key_ == "maker") return put(scalar, maker_.fraction, to_decimal);  // negative: a rebate
    if (key_ == "taker") return put(scalar, taker_.fraction, to_decimal);
    return true;
  }
  bool set_balance(const Scalar& scalar) {
    if (key_ == "asset") return to_name(scalar, balance_.asset);
    if (key_ == "free") return put(scalar, balance_.free, to_amount);
    if (key_ == "locked") return put(scalar, balance_.locked, to_amount);
    return true;
  }

  Account account_;
  Commission maker_, taker_;
  std::string_view key_;
  Balance balance_;
  Part part_ = Part::kTop;
  std::size_t balances_ = 0;
  int depth_ = 0;
  bool balances_seen_ = false, balance_odd_ = false;
};

}  // namespace

Result<Account> parse_account(std::string& body) {
  AccountVisitor visitor;
  if (auto parsed = parse_json(body, visitor, "the account"); !parsed) {
    return std::move(parsed).error();
  }
  if (!visitor.has_balances()) {
    return Error{.kind = ErrorKind::kProtocol,
                 .message = "The exchange's answer about the account lacks its balances.",
                 .advice = "Try again later.",
                 .reach = Reach::kAnswered};
  }
  return visitor.take();
}

}  // namespace bourse::binance
