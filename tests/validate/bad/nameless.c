/* SPDX-License-Identifier: MIT */
int nameless(void);
int nameless(void) { return 1; }
