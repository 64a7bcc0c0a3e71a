// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/error_codes.hpp"

#include <algorithm>
#include <array>

namespace bourse::binance {
namespace {

using K = ErrorKind;
using A = Again;

// The exchange's list of errors as of 2026-07-21. Codes that only its FIX interface sends are here
// as well: a code without a name helps nobody. -1099, -1131 and -2008 are gone from the list, but
// were seen.
constexpr std::array<ErrorCode, 109> kCodes = {{
    {-1000, "UNKNOWN", K::kServer, A::kSafe},
    {-1001, "DISCONNECTED", K::kServer, A::kSafe},
    {-1002, "UNAUTHORIZED", K::kAuthentication, A::kNo},
    {-1003, "TOO_MANY_REQUESTS", K::kRateLimit, A::kWait},
    {-1006, "UNEXPECTED_RESP", K::kUnknownOutcome, A::kSafe},
    {-1007, "TIMEOUT", K::kUnknownOutcome, A::kSafe},
    {-1008, "SERVER_BUSY", K::kServer, A::kSafeLong},
    {-1010, "ERROR_MSG_RECEIVED", K::kValidation, A::kNo},
    {-1013, "INVALID_MESSAGE", K::kValidation, A::kNo},
    {-1014, "UNKNOWN_ORDER_COMPOSITION", K::kValidation, A::kNo},
    {-1015, "TOO_MANY_ORDERS", K::kRateLimit, A::kWait},
    {-1016, "SERVICE_SHUTTING_DOWN", K::kServer, A::kOtherHost},
    {-1020, "UNSUPPORTED_OPERATION", K::kValidation, A::kNo},
    {-1021, "INVALID_TIMESTAMP", K::kAuthentication, A::kSync},
    {-1022, "INVALID_SIGNATURE", K::kAuthentication, A::kNo},
    {-1033, "COMP_ID_IN_USE", K::kValidation, A::kNo},
    {-1034, "TOO_MANY_CONNECTIONS", K::kRateLimit, A::kWait},
    {-1035, "LOGGED_OUT", K::kValidation, A::kNo},
    {-1099, "NOT_FOUND_AUTH", K::kAuthentication, A::kNo},
    {-1100, "ILLEGAL_CHARS", K::kValidation, A::kNo},
    {-1101, "TOO_MANY_PARAMETERS", K::kValidation, A::kNo},
    {-1102, "MANDATORY_PARAM_EMPTY_OR_MALFORMED", K::kValidation, A::kNo},
    {-1103, "UNKNOWN_PARAM", K::kValidation, A::kNo},
    {-1104, "UNREAD_PARAMETERS", K::kValidation, A::kNo},
    {-1105, "PARAM_EMPTY", K::kValidation, A::kNo},
    {-1106, "PARAM_NOT_REQUIRED", K::kValidation, A::kNo},
    {-1108, "PARAM_OVERFLOW", K::kValidation, A::kNo},
    {-1111, "BAD_PRECISION", K::kValidation, A::kNo},
    {-1112, "NO_DEPTH", K::kValidation, A::kNo},
    {-1114, "TIF_NOT_REQUIRED", K::kValidation, A::kNo},
    {-1115, "INVALID_TIF", K::kValidation, A::kNo},
    {-1116, "INVALID_ORDER_TYPE", K::kValidation, A::kNo},
    {-1117, "INVALID_SIDE", K::kValidation, A::kNo},
    {-1118, "EMPTY_NEW_CL_ORD_ID", K::kValidation, A::kNo},
    {-1119, "EMPTY_ORG_CL_ORD_ID", K::kValidation, A::kNo},
    {-1120, "BAD_INTERVAL", K::kValidation, A::kNo},
    {-1121, "BAD_SYMBOL", K::kValidation, A::kNo},
    {-1122, "INVALID_SYMBOLSTATUS", K::kValidation, A::kNo},
    {-1125, "INVALID_LISTEN_KEY", K::kAuthentication, A::kNo},
    {-1127, "MORE_THAN_XX_HOURS", K::kValidation, A::kNo},
    {-1128, "OPTIONAL_PARAMS_BAD_COMBO", K::kValidation, A::kNo},
    {-1130, "INVALID_PARAMETER", K::kValidation, A::kNo},
    {-1131, "BAD_RECV_WINDOW", K::kValidation, A::kNo},
    {-1134, "BAD_STRATEGY_TYPE", K::kValidation, A::kNo},
    {-1135, "INVALID_JSON", K::kValidation, A::kNo},
    {-1139, "INVALID_TICKER_TYPE", K::kValidation, A::kNo},
    {-1145, "INVALID_CANCEL_RESTRICTIONS", K::kValidation, A::kNo},
    {-1151, "DUPLICATE_SYMBOLS", K::kValidation, A::kNo},
    {-1152, "INVALID_SBE_HEADER", K::kValidation, A::kNo},
    {-1153, "UNSUPPORTED_SCHEMA_ID", K::kValidation, A::kNo},
    {-1155, "SBE_DISABLED", K::kValidation, A::kNo},
    {-1158, "OCO_ORDER_TYPE_REJECTED", K::kValidation, A::kNo},
    {-1160, "OCO_ICEBERGQTY_TIMEINFORCE", K::kValidation, A::kNo},
    {-1161, "DEPRECATED_SCHEMA", K::kValidation, A::kNo},
    {-1165, "BUY_OCO_LIMIT_MUST_BE_BELOW", K::kValidation, A::kNo},
    {-1166, "SELL_OCO_LIMIT_MUST_BE_ABOVE", K::kValidation, A::kNo},
    {-1168, "BOTH_OCO_ORDERS_CANNOT_BE_LIMIT", K::kValidation, A::kNo},
    {-1169, "INVALID_TAG_NUMBER", K::kValidation, A::kNo},
    {-1170, "TAG_NOT_DEFINED_IN_MESSAGE", K::kValidation, A::kNo},
    {-1171, "TAG_APPEARS_MORE_THAN_ONCE", K::kValidation, A::kNo},
    {-1172, "TAG_OUT_OF_ORDER", K::kValidation, A::kNo},
    {-1173, "GROUP_FIELDS_OUT_OF_ORDER", K::kValidation, A::kNo},
    {-1174, "INVALID_COMPONENT", K::kValidation, A::kNo},
    {-1175, "RESET_SEQ_NUM_SUPPORT", K::kValidation, A::kNo},
    {-1176, "ALREADY_LOGGED_IN", K::kValidation, A::kNo},
    {-1177, "GARBLED_MESSAGE", K::kValidation, A::kNo},
    {-1178, "BAD_SENDER_COMPID", K::kValidation, A::kNo},
    {-1179, "BAD_SEQ_NUM", K::kValidation, A::kNo},
    {-1180, "EXPECTED_LOGON", K::kValidation, A::kNo},
    {-1181, "TOO_MANY_MESSAGES", K::kRateLimit, A::kWait},
    {-1182, "PARAMS_BAD_COMBO", K::kValidation, A::kNo},
    {-1183, "NOT_ALLOWED_IN_DROP_COPY_SESSIONS", K::kValidation, A::kNo},
    {-1184, "DROP_COPY_SESSION_NOT_ALLOWED", K::kValidation, A::kNo},
    {-1185, "DROP_COPY_SESSION_REQUIRED", K::kValidation, A::kNo},
    {-1186, "NOT_ALLOWED_IN_ORDER_ENTRY_SESSIONS", K::kValidation, A::kNo},
    {-1187, "NOT_ALLOWED_IN_MARKET_DATA_SESSIONS", K::kValidation, A::kNo},
    {-1188, "INCORRECT_NUM_IN_GROUP_COUNT", K::kValidation, A::kNo},
    {-1189, "DUPLICATE_ENTRIES_IN_A_GROUP", K::kValidation, A::kNo},
    {-1190, "INVALID_REQUEST_ID", K::kValidation, A::kNo},
    {-1191, "TOO_MANY_SUBSCRIPTIONS", K::kRateLimit, A::kNo},
    {-1194, "INVALID_TIME_UNIT", K::kValidation, A::kNo},
    {-1196, "BUY_OCO_STOP_LOSS_MUST_BE_ABOVE", K::kValidation, A::kNo},
    {-1197, "SELL_OCO_STOP_LOSS_MUST_BE_BELOW", K::kValidation, A::kNo},
    {-1198, "BUY_OCO_TAKE_PROFIT_MUST_BE_BELOW", K::kValidation, A::kNo},
    {-1199, "SELL_OCO_TAKE_PROFIT_MUST_BE_ABOVE", K::kValidation, A::kNo},
    {-1210, "INVALID_PEG_PRICE_TYPE", K::kValidation, A::kNo},
    {-1211, "INVALID_PEG_OFFSET_TYPE", K::kValidation, A::kNo},
    {-1220, "SYMBOL_DOES_NOT_MATCH_STATUS", K::kValidation, A::kNo},
    {-1221, "INVALID_SBE_MESSAGE_FIELD", K::kValidation, A::kNo},
    {-1222, "OPO_WORKING_MUST_BE_BUY", K::kValidation, A::kNo},
    {-1223, "OPO_PENDING_MUST_BE_SELL", K::kValidation, A::kNo},
    {-1224, "WORKING_PARAM_REQUIRED", K::kValidation, A::kNo},
    {-1225, "PENDING_PARAM_NOT_REQUIRED", K::kValidation, A::kNo},
    {-2008, "INVALID_API_KEY_ID", K::kAuthentication, A::kNo},
    {-2010, "NEW_ORDER_REJECTED", K::kValidation, A::kNo},
    {-2011, "CANCEL_REJECTED", K::kValidation, A::kNo},
    {-2013, "NO_SUCH_ORDER", K::kValidation, A::kNo},
    {-2014, "BAD_API_KEY_FMT", K::kAuthentication, A::kNo},
    {-2015, "REJECTED_MBX_KEY", K::kAuthentication, A::kNo},
    {-2016, "NO_TRADING_WINDOW", K::kValidation, A::kNo},
    {-2021, "CANCEL_REPLACE_PARTIALLY_FAILED", K::kValidation, A::kNo},
    {-2022, "CANCEL_REPLACE_FAILED", K::kValidation, A::kNo},
    {-2026, "ORDER_ARCHIVED", K::kValidation, A::kNo},
    {-2035, "SUBSCRIPTION_ACTIVE", K::kValidation, A::kNo},
    {-2036, "SUBSCRIPTION_INACTIVE", K::kValidation, A::kNo},
    {-2038, "ORDER_AMEND_REJECTED", K::kValidation, A::kNo},
    {-2039, "CLIENT_ORDER_ID_INVALID", K::kValidation, A::kNo},
    {-2042, "MAXIMUM_SUBSCRIPTION_IDS", K::kValidation, A::kNo},
    {-2043, "NO_REFERENCE_PRICE", K::kValidation, A::kNo},
}};

constexpr bool descending() {
  return std::ranges::adjacent_find(kCodes, [](const ErrorCode& a, const ErrorCode& b) {
           return a.code <= b.code;
         }) == kCodes.end();
}
static_assert(descending(), "find_error_code searches by halves");

}  // namespace

const ErrorCode* find_error_code(std::int64_t code) noexcept {
  const auto found =
      std::ranges::lower_bound(kCodes, code, std::ranges::greater{}, &ErrorCode::code);
  return found != kCodes.end() && found->code == code ? &*found : nullptr;
}

std::span<const ErrorCode> error_codes() noexcept { return kCodes; }

}  // namespace bourse::binance
