# SPDX-License-Identifier: MIT
bourse_bad_plugin(bad_default descriptions.loads plain.c DEFINITIONS PLAIN_DEFAULT="0")
bourse_bad_plugin(exits_in_constructor descriptions.loads plain.c OUTCOME crashed DEFINITIONS "PLAIN_CONSTRUCTOR=exit(0)")
