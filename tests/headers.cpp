// SPDX-License-Identifier: MIT
//
// Nothing but the precompiled headers that all tests share: see tests/CMakeLists.txt.
int main() { return 0; }
