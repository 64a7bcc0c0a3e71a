// SPDX-License-Identifier: MIT

//! Money: exact decimals of up to 38 digits, as they cross the contract.

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Mul, Neg, Sub};
use std::str::FromStr;

use crate::sys::bourse_i128;

/// Where a last digit goes that does not fit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rounding {
    /// To nearest, ties away from zero.
    HalfUp,
    /// To nearest, ties to the even digit.
    HalfEven,
    /// Toward zero.
    Down,
    /// Away from zero.
    Up,
    /// Toward minus infinity.
    Floor,
    /// Toward plus infinity.
    Ceiling,
}

/// Why there is no such decimal. Left to `?`, the client reads 422 `decimal_overflow`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DecimalError {
    /// The text is not a decimal number.
    Syntax,
    /// More than 38 digits, or a scale outside -38 to 38, would be needed.
    Range,
    /// By zero.
    DivideByZero,
}

impl fmt::Display for DecimalError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            DecimalError::Syntax => {
                "this is not a decimal number: write an optional -, digits, optionally a point and digits"
            }
            DecimalError::Range => "the exact result needs more than 38 digits, or a scale outside -38 to 38",
            DecimalError::DivideByZero => "a decimal is divided by zero",
        })
    }
}
impl std::error::Error for DecimalError {}

/// `coefficient x 10^-scale`. Nothing here rounds unless a `Rounding` is named. `+`, `-` and `*` are exact and give a
/// `Result`, for 38 digits may be too few: `let spread = (ask - bid)?`. Compared by value: 1.10 equals 1.1, though they
/// print differently. Invariants: |coefficient| < 10^38, -38 <= scale <= 38.
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    coefficient: i128,
    scale: i32,
}

const DIGITS: u32 = 38;
const LIMIT: u128 = 10u128.pow(DIGITS);
const SCALE_MAX: i32 = 38;

/// What was left behind by a division.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lost {
    Nothing,
    BelowHalf,
    Half,
    AboveHalf,
}

fn lost(remainder: u128, divisor: u128, more: bool) -> Lost {
    // remainder < divisor, so the difference does not wrap.
    match remainder.cmp(&(divisor - remainder)) {
        Ordering::Less if remainder == 0 && !more => Lost::Nothing,
        Ordering::Less => Lost::BelowHalf,
        Ordering::Equal if more => Lost::AboveHalf,
        Ordering::Equal => Lost::Half,
        Ordering::Greater => Lost::AboveHalf,
    }
}

/// 256 bits, least significant limb first: a product of two coefficients.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Wide([u64; 4]);

impl Wide {
    fn product(a: u128, b: u128) -> Wide {
        let split = |x: u128| [x as u64, (x >> 64) as u64];
        let mut out = [0u64; 4];
        for (i, x) in split(a).iter().enumerate() {
            let mut carry = 0u128;
            for (j, y) in split(b).iter().enumerate() {
                let sum = u128::from(*x) * u128::from(*y) + u128::from(out[i + j]) + carry;
                out[i + j] = sum as u64;
                carry = sum >> 64;
            }
            out[i + 2] = carry as u64;
        }
        Wide(out)
    }
    fn narrow(self) -> Option<u128> {
        if self.0[2] == 0 && self.0[3] == 0 {
            Some(u128::from(self.0[1]) << 64 | u128::from(self.0[0]))
        } else {
            None
        }
    }
    fn cmp(self, other: Wide) -> Ordering {
        self.0.iter().rev().cmp(other.0.iter().rev())
    }
    /// Divided by ten, and what is left.
    fn tenth(self) -> (Wide, u64) {
        let mut out = [0u64; 4];
        let mut rest = 0u128;
        for i in (0..4).rev() {
            let part = rest << 64 | u128::from(self.0[i]);
            out[i] = (part / 10) as u64;
            rest = part % 10;
        }
        (Wide(out), rest as u64)
    }
}

fn signed(negative: bool, magnitude: u128, scale: i32) -> Option<Decimal> {
    if magnitude >= LIMIT || !scale_ok(scale) {
        return None;
    }
    let coefficient = magnitude as i128;
    Some(Decimal { coefficient: if negative { -coefficient } else { coefficient }, scale })
}

fn scale_ok(scale: i32) -> bool {
    (-SCALE_MAX..=SCALE_MAX).contains(&scale)
}

fn rounded(negative: bool, quotient: u128, lost: Lost, scale: i32, rounding: Rounding) -> Option<Decimal> {
    let away = match rounding {
        Rounding::HalfUp => lost >= Lost::Half,
        Rounding::HalfEven => lost > Lost::Half || (lost == Lost::Half && quotient % 2 != 0),
        Rounding::Down => false,
        Rounding::Up => lost != Lost::Nothing,
        Rounding::Floor => negative && lost != Lost::Nothing,
        Rounding::Ceiling => !negative && lost != Lost::Nothing,
    };
    signed(negative, quotient.checked_add(u128::from(away))?, scale)
}

/// The exact value at the largest legal scale up to `scale` at which it has 38 digits.
fn fitting(negative: bool, mut magnitude: Wide, mut scale: i32) -> Option<Decimal> {
    if magnitude == Wide([0; 4]) {
        return signed(false, 0, scale.max(-SCALE_MAX).min(SCALE_MAX));
    }
    while scale < -SCALE_MAX {
        let narrow = magnitude.narrow().filter(|narrow| *narrow < LIMIT)?;
        magnitude = Wide::product(narrow, 10);
        scale += 1;
    }
    loop {
        if scale <= SCALE_MAX {
            if let Some(narrow) = magnitude.narrow().filter(|narrow| *narrow < LIMIT) {
                return signed(negative, narrow, scale);
            }
        }
        let (tenth, rest) = magnitude.tenth();
        if rest != 0 || scale == -SCALE_MAX {
            return None;
        }
        magnitude = tenth;
        scale -= 1;
    }
}

/// n x 10^shift / d, digit by digit: the quotient, unless it has more than 38 digits, and what is left. d < 10^38.
fn long_division(n: u128, d: u128, shift: u32) -> Option<(u128, u128)> {
    let (mut quotient, mut rest) = (n / d, n % d);
    for _ in 0..shift {
        // rest x 10 may not fit, rest x 2 does: 10 is ((2 x 2) + 1) x 2.
        let mut digit = 0;
        let before = rest;
        let mut step = |add: u128| {
            let times = if add == 0 { 2 } else { 1 };
            digit *= times;
            rest = if add == 0 { rest * 2 } else { rest + add };
            if rest >= d {
                rest -= d;
                digit += 1;
            }
        };
        step(0);
        step(0);
        if before != 0 {
            step(before);
        }
        step(0);
        quotient = quotient.checked_mul(10)?.checked_add(digit)?;
        if quotient >= LIMIT {
            return None;
        }
    }
    Some((quotient, rest))
}

impl Decimal {
    pub const ZERO: Decimal = Decimal { coefficient: 0, scale: 0 };

    /// `coefficient x 10^-scale`, if that is within the limits.
    pub fn new(coefficient: i128, scale: i32) -> Option<Decimal> {
        signed(coefficient < 0, coefficient.unsigned_abs(), scale)
    }
    pub(crate) fn from_wire(wire: bourse_i128, scale: i32) -> Option<Decimal> {
        Decimal::new(i128::from(wire.hi) << 64 | i128::from(wire.lo), scale)
    }
    pub(crate) fn wire(self) -> bourse_i128 {
        bourse_i128 { lo: self.coefficient as u64, hi: (self.coefficient >> 64) as i64 }
    }
    pub fn coefficient(self) -> i128 {
        self.coefficient
    }
    pub fn scale(self) -> i32 {
        self.scale
    }
    pub fn is_zero(self) -> bool {
        self.coefficient == 0
    }
    /// -1, 0 or 1.
    pub fn signum(self) -> i32 {
        self.coefficient.signum() as i32
    }
    pub fn abs(self) -> Decimal {
        Decimal { coefficient: self.coefficient.abs(), scale: self.scale }
    }
    /// The nearest double, ties to even.
    pub fn to_f64(self) -> f64 {
        if self.coefficient == 0 {
            return 0.0;
        }
        // The standard library reads decimal text exactly, whatever its length.
        let text = format!("{}e{}", self.coefficient, -self.scale);
        text.parse().expect("digits and an exponent are a number")
    }
    /// The exact binary value, rounded half-even to `scale` decimals; `None` when it does not fit or is not finite.
    /// Binary results that become money again pass here and nowhere else.
    pub fn nearest(value: f64, scale: i32) -> Option<Decimal> {
        if !scale_ok(scale) || !value.is_finite() || value.abs() > 1e77 {
            return None;
        }
        // Every double has at most 1074 decimals, so this is exact. (Fewer digits would be rounded, and differently by
        // different versions of the standard library.)
        let text = format!("{:.1074}", value.abs());
        let (whole, decimals) = text.split_once('.')?;
        let digits: Vec<u8> = whole.bytes().chain(decimals.bytes()).map(|digit| digit - b'0').collect();
        let kept = whole.len() as i32 + scale;
        let mut quotient = 0u128;
        for digit in digits.iter().take(kept.max(0) as usize) {
            quotient = quotient.checked_mul(10)?.checked_add(u128::from(*digit))?;
        }
        let rest = &digits[kept.max(0) as usize..];
        let more = rest.iter().skip(1).any(|digit| *digit != 0);
        let left = match rest.first() {
            _ if kept < 0 && digits.iter().all(|digit| *digit == 0) => Lost::Nothing,
            _ if kept < 0 => Lost::BelowHalf,
            Some(digit) => lost(u128::from(*digit), 10, more),
            None => Lost::Nothing,
        };
        rounded(value < 0.0, quotient, left, scale, Rounding::HalfEven)
    }
    /// The same value with `scale` decimals, rounded where decimals go.
    pub fn rescaled(self, scale: i32, rounding: Rounding) -> Result<Decimal, DecimalError> {
        if scale == self.scale {
            return Ok(self);
        }
        self.divided_by(Decimal { coefficient: 1, scale: 0 }, scale, rounding)
    }
    /// You say where to round: `total.divided_by(count, 8, Rounding::HalfUp)?`.
    pub fn divided_by(self, divisor: Decimal, scale: i32, rounding: Rounding) -> Result<Decimal, DecimalError> {
        if divisor.coefficient == 0 {
            return Err(DecimalError::DivideByZero);
        }
        self.quotient(divisor, scale, rounding).ok_or(DecimalError::Range)
    }
    fn quotient(self, divisor: Decimal, scale: i32, rounding: Rounding) -> Option<Decimal> {
        if !scale_ok(scale) {
            return None;
        }
        let negative = (self.coefficient < 0) != (divisor.coefficient < 0);
        let (n, d) = (self.coefficient.unsigned_abs(), divisor.coefficient.unsigned_abs());
        let shift = scale - self.scale + divisor.scale; // quotient = n x 10^shift / d
        if n == 0 {
            return signed(false, 0, scale);
        }
        if shift >= 0 {
            let (quotient, rest) = long_division(n, d, shift as u32)?;
            return rounded(negative, quotient, lost(rest, d, false), scale, rounding);
        }
        if -shift > SCALE_MAX {
            return rounded(negative, 0, Lost::BelowHalf, scale, rounding);
        }
        let power = 10u128.pow(-shift as u32);
        let whole = n / d;
        rounded(negative, whole / power, lost(whole % power, power, n % d != 0), scale, rounding)
    }
    /// Without zeros at its end, as far as `scale_min`.
    fn without_zeros(mut self, scale_min: i32) -> Decimal {
        while self.scale > scale_min && self.coefficient % 10 == 0 {
            self.coefficient /= 10;
            self.scale -= 1;
        }
        self
    }
    fn sum(mut a: Decimal, mut b: Decimal) -> Option<Decimal> {
        if a.scale < b.scale {
            std::mem::swap(&mut a, &mut b);
        }
        let scale = a.scale;
        if b.coefficient == 0 {
            b.scale = scale;
        }
        // |a| < 10^38, so a sum that fits needs |b| below 2 x 10^38 at a's scale: 128 bits will do.
        let aligned = |a: Decimal| {
            let zeros = (a.scale - b.scale) as u32;
            if zeros > DIGITS {
                return None;
            }
            let wide = Wide::product(b.coefficient.unsigned_abs(), 10u128.pow(zeros));
            wide.narrow().filter(|narrow| *narrow < 2 * LIMIT)
        };
        let mut y = aligned(a);
        if y.is_none() {
            a = a.without_zeros(b.scale);
            y = aligned(a);
        }
        let (x, y) = (a.coefficient.unsigned_abs(), y?);
        let (a_negative, b_negative) = (a.coefficient < 0, b.coefficient < 0);
        let (negative, magnitude) = if a_negative == b_negative {
            (a_negative, x + y)
        } else if y <= x {
            (a_negative, x - y)
        } else {
            (b_negative, y - x)
        };
        let mut sum = fitting(negative, Wide::product(magnitude, 1), a.scale)?;
        while sum.scale < scale && sum.coefficient.unsigned_abs() < LIMIT / 10 {
            sum.coefficient *= 10;
            sum.scale += 1;
        }
        Some(sum)
    }
}

impl From<i64> for Decimal {
    fn from(whole: i64) -> Decimal {
        Decimal { coefficient: i128::from(whole), scale: 0 }
    }
}

/// Strict: optional `-`, digits, optionally `.` and digits. No exponent, `+`, blank, `.5` or `5.`. The scale is the
/// number of decimals written; more than 38 digits after leading zeros are refused, never rounded.
impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Decimal, DecimalError> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, decimals) = match digits.split_once('.') {
            Some((_, "")) => return Err(DecimalError::Syntax),
            Some(parts) => parts,
            None => (digits, ""),
        };
        let all = || whole.bytes().chain(decimals.bytes());
        if whole.is_empty() || !all().all(|byte| byte.is_ascii_digit()) {
            return Err(DecimalError::Syntax);
        }
        let mut magnitude = 0u128;
        for digit in all() {
            if magnitude >= LIMIT / 10 {
                return Err(DecimalError::Range);
            }
            magnitude = magnitude * 10 + u128::from(digit - b'0');
        }
        let scale = i32::try_from(decimals.len()).unwrap_or(i32::MAX);
        signed(text.len() > digits.len(), magnitude, scale).ok_or(DecimalError::Range)
    }
}

/// All decimals; never an exponent, never `-0`.
impl fmt::Display for Decimal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = self.coefficient.unsigned_abs().to_string();
        if self.scale <= 0 {
            if self.coefficient != 0 {
                digits.extend(std::iter::repeat('0').take(-self.scale as usize));
            }
            return out.pad_integral(self.coefficient >= 0, "", &digits);
        }
        let scale = self.scale as usize;
        let text = format!("{:0>width$}", digits, width = scale + 1);
        let (whole, decimals) = text.split_at(text.len() - scale);
        out.pad_integral(self.coefficient >= 0, "", &format!("{}.{}", whole, decimals))
    }
}

impl Add for Decimal {
    type Output = Result<Decimal, DecimalError>;
    fn add(self, other: Decimal) -> Self::Output {
        Decimal::sum(self, other).ok_or(DecimalError::Range)
    }
}
impl Sub for Decimal {
    type Output = Result<Decimal, DecimalError>;
    fn sub(self, other: Decimal) -> Self::Output {
        Decimal::sum(self, -other).ok_or(DecimalError::Range)
    }
}
impl Mul for Decimal {
    type Output = Result<Decimal, DecimalError>;
    fn mul(self, other: Decimal) -> Self::Output {
        let negative = (self.coefficient < 0) != (other.coefficient < 0);
        let wide = Wide::product(self.coefficient.unsigned_abs(), other.coefficient.unsigned_abs());
        fitting(negative, wide, self.scale + other.scale).ok_or(DecimalError::Range)
    }
}
impl Neg for Decimal {
    type Output = Decimal;
    fn neg(self) -> Decimal {
        Decimal { coefficient: -self.coefficient, scale: self.scale }
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Decimal) -> Ordering {
        if self.scale < other.scale {
            return other.cmp(self).reverse();
        }
        let signs = self.coefficient.signum().cmp(&other.coefficient.signum());
        if signs != Ordering::Equal || self.coefficient == 0 {
            return signs;
        }
        let zeros = (self.scale - other.scale) as u32;
        let x = Wide::product(self.coefficient.unsigned_abs(), 1);
        // Past 10^38 the other one, which is not zero, is the larger by its magnitude.
        let magnitudes = if zeros > DIGITS {
            Ordering::Less
        } else {
            x.cmp(Wide::product(other.coefficient.unsigned_abs(), 10u128.pow(zeros)))
        };
        if self.coefficient < 0 {
            magnitudes.reverse()
        } else {
            magnitudes
        }
    }
}
impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Decimal {
    fn eq(&self, other: &Decimal) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Decimal {}
