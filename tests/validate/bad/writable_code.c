/* SPDX-License-Identifier: MIT */
#include "plain.c"

__asm__(".pushsection .jit, \"awx\", @progbits\nret\n.popsection");
