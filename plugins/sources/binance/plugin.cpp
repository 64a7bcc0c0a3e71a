// SPDX-License-Identifier: MIT
#include "bourse/plugin.hpp"

#include "plugins/sources/binance/source.hpp"

BOURSE_PLUGIN("bourse.binance", "0.1.0", bourse::binance::Binance)
