// SPDX-License-Identifier: MIT
#include "plugins/analyses/correlation/student.hpp"

#include <boost/math/special_functions/beta.hpp>
#include <cmath>

namespace bourse::correlation {

double two_sided_p_value(double r, std::size_t n) noexcept {
  if (std::isnan(r) || n < 3) return std::nan("");
  // P(|T| > t) is the regularised incomplete beta function I_x(v / 2, 1 / 2) at x = v / (v + t^2),
  // and with this t that x is 1 - r^2.
  using namespace boost::math::policies;
  using Quiet = policy<promote_double<false>, domain_error<ignore_error>,
                       overflow_error<ignore_error>, evaluation_error<ignore_error>>;
  const double half = static_cast<double>(n - 2) / 2.0;
  // The same value twice; the one whose argument keeps its digits.
  if (std::abs(r) < 0.5) return boost::math::ibetac(0.5, half, r * r, Quiet());
  return boost::math::ibeta(half, 0.5, (1.0 - r) * (1.0 + r), Quiet());
}

}  // namespace bourse::correlation
