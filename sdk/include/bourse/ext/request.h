/* SPDX-License-Identifier: MIT */
/* clang-format off */
/* request.h - bourse.request/1, offered by the host: who asks.
 *
 * For logs, traces and texts in the client's language. A component that reads it is not PURE. For a fetch or a run that
 * several requests share, it tells of the one that asked first. host->extension(host, BOURSE_REQUEST_ID) gives a
 * bourse_request, which lives as long as the library is loaded. C11.
 */
#ifndef BOURSE_EXT_REQUEST_H
#define BOURSE_EXT_REQUEST_H
#include "bourse/bourse.h"
#ifdef __cplusplus
extern "C" {
#endif

#define BOURSE_REQUEST_ID "bourse.request/1"
typedef struct bourse_request {
  uint32_t size, flags;
  /* Each is borrowed until the call returns, and empty where there is nothing to tell. [any] */
  bourse_str (*id)(bourse_call *);       /* the request's id, as in the log and in X-Request-Id */
  bourse_str (*trace)(bourse_call *);    /* W3C traceparent: the client's, if it is well-formed, else a new one */
  bourse_str (*language)(bourse_call *); /* Accept-Language, as the client sent it: "de-CH, de;q=0.9" */
} bourse_request;

#ifdef __cplusplus
}
#endif
#endif
