// SPDX-License-Identifier: MIT
#pragma once

#include <string>

/// What each version of the SDK says of the same: this tree's, and the same with another namespace
/// and other words, as a later version would have.
std::string said_by_this_version();
std::string said_by_the_other_version();
