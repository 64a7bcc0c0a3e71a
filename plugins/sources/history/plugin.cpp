// SPDX-License-Identifier: MIT
#include "bourse/plugin.hpp"

#include "plugins/sources/history/source.hpp"

BOURSE_PLUGIN("bourse.history", "0.1.0", bourse::history::History)
