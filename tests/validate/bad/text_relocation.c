/* SPDX-License-Identifier: MIT */
#include "plain.c"

/* An address in the code, as of a function that was compiled without -fPIC. */
__asm__(".pushsection .text\n.quad bourse_plugin_v1\n.popsection");
