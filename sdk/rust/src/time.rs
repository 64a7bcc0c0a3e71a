// SPDX-License-Identifier: MIT

//! Time, a type of its own so that it is not mistaken for a count.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

/// Nanoseconds since 1970-01-01 UTC. Shown as RFC 3339 does, with as many decimals as it needs: 3, 6 or 9.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[repr(transparent)]
pub struct Time(pub i64);

impl Time {
    pub fn from_millis(millis: i64) -> Time {
        Time(millis.saturating_mul(1_000_000))
    }
    pub fn ns(self) -> i64 {
        self.0
    }
    /// Since `earlier`; nothing if that is later.
    pub fn since(self, earlier: Time) -> Option<Duration> {
        let ns = i128::from(self.0) - i128::from(earlier.0);
        u64::try_from(ns).ok().map(Duration::from_nanos)
    }
}

pub(crate) fn nanoseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

/// Stops at the ends of what a Time holds: 1677-09-21 and 2262-04-11.
impl Add<Duration> for Time {
    type Output = Time;
    fn add(self, length: Duration) -> Time {
        Time(self.0.saturating_add(nanoseconds(length)))
    }
}
impl Sub<Duration> for Time {
    type Output = Time;
    fn sub(self, length: Duration) -> Time {
        Time(self.0.saturating_sub(nanoseconds(length)))
    }
}

/// Year, month and day of days since 1970-01-01, in the proleptic Gregorian calendar. Counted in eras of 400 years
/// (146,097 days) that begin on 1 March, so that the leap day is the last one.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

impl fmt::Display for Time {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, ns) = (self.0.div_euclid(1_000_000_000), self.0.rem_euclid(1_000_000_000));
        let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(out, "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", year, month, day, hour, minute, second)?;
        match ns {
            0 => {}
            _ if ns % 1_000_000 == 0 => write!(out, ".{:03}", ns / 1_000_000)?,
            _ if ns % 1000 == 0 => write!(out, ".{:06}", ns / 1000)?,
            _ => write!(out, ".{:09}", ns)?,
        }
        out.write_str("Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Of `date -u -d @SECONDS +%FT%TZ`.
    #[test]
    fn a_time_is_shown_as_rfc_3339_has_it() {
        let shown = |ns| Time(ns).to_string();
        assert_eq!(shown(0), "1970-01-01T00:00:00Z");
        assert_eq!(shown(951_782_400_000_000_000), "2000-02-29T00:00:00Z");
        assert_eq!(shown(4_107_542_399_000_000_000), "2100-02-28T23:59:59Z");
        assert_eq!(shown(4_107_542_400_000_000_000), "2100-03-01T00:00:00Z");
        assert_eq!(shown(-1), "1969-12-31T23:59:59.999999999Z");
        assert_eq!(shown(1_700_000_000_120_000_000), "2023-11-14T22:13:20.120Z");
        assert_eq!(shown(1_700_000_000_000_120_000), "2023-11-14T22:13:20.000120Z");
        assert_eq!(shown(i64::MIN), "1677-09-21T00:12:43.145224192Z");
        assert_eq!(shown(i64::MAX), "2262-04-11T23:47:16.854775807Z");
    }

    #[test]
    fn sums_stop_at_the_ends() {
        assert_eq!(Time(i64::MAX) + Duration::from_nanos(1), Time(i64::MAX));
        assert_eq!(Time(1) - Duration::from_secs(1), Time(-999_999_999));
        assert_eq!(Time(i64::MAX).since(Time(i64::MIN)), Some(Duration::from_nanos(u64::MAX)));
        assert_eq!(Time(0).since(Time(1)), None);
    }
}
