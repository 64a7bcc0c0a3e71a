# SPDX-License-Identifier: MIT
bourse_bad_plugin(bad_default descriptions.loads plain.c DEFINITIONS PLAIN_DEFAULT="0")
bourse_bad_plugin(refuses descriptions.loads refuses.c)
bourse_bad_plugin(exits_in_constructor descriptions.loads plain.c OUTCOME crashed DEFINITIONS PLAIN_CONSTRUCTOR=exit\(0\))
bourse_bad_plugin(crashes_in_constructor descriptions.loads plain.c OUTCOME crashed DEFINITIONS PLAIN_CONSTRUCTOR=abort\(\))
bourse_bad_plugin(crashes_in_destructor descriptions.loads crashes_in_destructor.c OUTCOME crashed)
bourse_bad_plugin(prints_for_ever descriptions.loads prints_for_ever.c OUTCOME crashed OPTIONS --limit 2)
bourse_bad_plugin(unknown_kind descriptions.known plain.c OUTCOME warning DEFINITIONS PLAIN_KIND=9)
bourse_bad_plugin(starts_others descriptions.loads starts_others.c OUTCOME crashed OPTIONS --limit 2)
