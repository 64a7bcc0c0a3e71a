// SPDX-License-Identifier: MIT
#pragma once

#include "host/observe/exposition.hpp"

namespace bourse::host {

/// What the kernel knows of this process, under the names that Prometheus clients use:
/// process_cpu_seconds_total, process_resident_memory_bytes, process_open_fds, process_max_fds,
/// process_start_time_seconds. What cannot be read is left out.
void expose_process(Exposition& figures);

}  // namespace bourse::host
