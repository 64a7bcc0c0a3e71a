// SPDX-License-Identifier: MIT
//
// Vectors of signatures, with where they come from. Those without a published value were computed
// with OpenSSL 3.0.22: printf '%s' PAYLOAD | openssl dgst -sha256 -hmac SECRET, and for Ed25519
// openssl pkeyutl -sign -rawin with the seed of RFC 8032, section 7.1, TEST 1.
#pragma once

namespace bourse::binance {

struct SigningVector {
  const char* origin;
  const char* payload;
  const char* signature;
};

inline constexpr SigningVector kHmacVectors[] = {
    {"binance-spot-api-docs rest-api.md: rest_ascii",
     "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWi"
     "ndow=5000&timestamp=1499827319559",
     "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"},
    {"binance-spot-api-docs rest-api.md: rest_non_ascii_percent_encoded",
     "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=BUY&type=L"
     "IMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=149982731"
     "9559",
     "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3"},
    {"binance-signature-examples README.md: timestamp_only", "timestamp=1578963600000",
     "d84e6641b1e328e7b418fff030caed655c266299c9355e36ce801ed14631eed4"},
    {"binance-spot-api-docs rest-api.md, versions before commit f83a5bf: "
     "query_plus_body_no_separator (historic)",
     "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTCquantity=1&price=0.1&recvWin"
     "dow=5000&timestamp=1499827319559",
     "0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77"},
    {"binance-spot-api-docs web-socket-api.md: ws_api_ascii",
     "apiKey=vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A&price"
     "=52000.00&quantity=0.01000000&recvWindow=100&side=SELL&symbol=BTCUSDT&timeInF"
     "orce=GTC&timestamp=1645423376532&type=LIMIT",
     "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24"},
    {"binance-spot-api-docs web-socket-api.md: ws_api_non_ascii_raw_utf8",
     "apiKey=vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A&price"
     "=0.10000000&quantity=1.00000000&recvWindow=5000&side=BUY&symbol=\xEF\xBC\x91\xEF"
     "\xBC\x92\xEF\xBC\x93\xEF\xBC\x94\xEF\xBC\x95\xEF\xBC\x96&timeInForce=GTC&time"
     "stamp=1645423376532&type=LIMIT",
     "b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd"},
    {"computed: the same as raw UTF-8, which the exchange refuses with -1022",
     "symbol=\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x93\xEF\xBC\x94\xEF\xBC\x95\xEF\xBC\x96"
     "&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&tim"
     "estamp=1499827319559",
     "ca2cdfbf21d2e2958de492c7f2dd1f059dd2ed4d4459d26a5ec7928db50c8d4f"},
    {"computed", "timestamp=1499827319559",
     "2222d49722f6af5da13f6da6bfc0d7de19ca2815ebc98bbc49e4942268472f3f"},
    {"computed", "recvWindow=5000&timestamp=1499827319559",
     "82f4e72e95e63d666b6da651e82a701722ad8a785a169318d91f36f279c55821"},
    {"computed", "omitZeroBalances=true&recvWindow=5000&timestamp=1700000000000",
     "821af6641542547413c6f4364e0c62f100d8d746e0ed17277e290acd6214876f"},
    {"computed", "symbol=BTCUSDT&limit=1000&timestamp=1700000000000",
     "ecac4de3e775cf8857ac0a56fa352a570fc0f4060a5978f36d709455403bf92a"},
    {"computed",
     "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=0.2&time"
     "stamp=1668481559918&recvWindow=5000",
     "070a51d3f0218b15999ac36873e83c625fd45d4153498ab3e5198c141372fa67"},
    {"computed",
     "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=SELL&type="
     "LIMIT&timeInForce=GTC&quantity=1&price=0.2&timestamp=1668481559918&recvWindow"
     "=5000",
     "06ff4c1704eeafa9ddddf5132aa538524a8e23ab4316126f4bd79c89473e9ba7"},
};

/// The key of RFC 8032 as above.
inline constexpr SigningVector kEd25519Vectors[] = {
    {"computed", "timestamp=1499827319559",
     "+Dxu5rRIPvRVPt9z4hxdj8iGRwlSHG8Cr1MAiQ9NWrw3G48fCiUkJvpCJKg9f4G2/nhbvrxfIyIoZ"
     "FBiUe+lBQ=="},
    {"computed", "recvWindow=5000&timestamp=1499827319559",
     "Pq/Dp3r2nulYkPr32rb9HJU9Yg1Su0WORgkkOfMc6WoMeFydyTkn8NPY3M+l/pDMc6qRhAqMSYRkJ"
     "q7F7RK9Bg=="},
    {"computed", "omitZeroBalances=true&recvWindow=5000&timestamp=1700000000000",
     "+q2/KEEwEEFQfr5cFY8/9IMzzGZ/wIxK/FRNidgZ/FMv6M+NeqvnHoRznobUsOp/ocFnoG4mX0JBf"
     "ph2X+wgAg=="},
    {"computed", "symbol=BTCUSDT&limit=1000&timestamp=1700000000000",
     "NLfXGjnnYNAC5sRO3hxPl6cqKVlq1elfjfoed5YWPQ2exuTZ7gDd7q3gTjzXG3HalAQ2jQmKxNrUY"
     "HiHf31vCg=="},
    {"computed",
     "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=0.2&time"
     "stamp=1668481559918&recvWindow=5000",
     "XtZirsmmi0noRzUfkqktvkVfxpkq/WtbLg2UOL3QGYdUBZVlqOBEMuEVw8zioY93N54NcKj9UuAXQ"
     "Ea9zgTDBg=="},
    {"computed",
     "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=SELL&type="
     "LIMIT&timeInForce=GTC&quantity=1&price=0.2&timestamp=1668481559918&recvWindow"
     "=5000",
     "FWYdifsZ1T+XvAR4JXeCD399kQM9CBUnEKjWb0+jS1X00g+LgvtR8uBv2T7dn1gFf9GPIhHnYlM+6"
     "vBsJOnMDA=="},
};

}  // namespace bourse::binance
