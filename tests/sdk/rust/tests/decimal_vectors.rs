// SPDX-License-Identifier: MIT

//! Decimal against Python's: the cases of tests/sdk/decimal_vectors.py, which the C++ face is held to as well.

use bourse::{Decimal, DecimalError, Rounding};

fn number(word: &str) -> Decimal {
    let (coefficient, scale) = word.split_once(':').expect("coefficient:scale");
    Decimal::new(coefficient.parse().unwrap(), scale.parse().unwrap()).unwrap()
}
fn written(result: Result<Decimal, DecimalError>) -> String {
    match result {
        Ok(value) => format!("{}:{}", value.coefficient(), value.scale()),
        Err(DecimalError::Syntax) => "syntax".to_owned(),
        Err(DecimalError::Range) => "range".to_owned(),
        Err(DecimalError::DivideByZero) => "zero".to_owned(),
    }
}
fn mode(word: &str) -> Rounding {
    match word {
        "half_up" => Rounding::HalfUp,
        "half_even" => Rounding::HalfEven,
        "down" => Rounding::Down,
        "up" => Rounding::Up,
        "floor" => Rounding::Floor,
        "ceiling" => Rounding::Ceiling,
        _ => panic!("no such rounding: {}", word),
    }
}
fn ours(words: &[&str]) -> String {
    match words {
        ["parse", text] => written(text.parse()),
        ["print", a] => number(a).to_string(),
        ["add", a, b] => written(number(a) + number(b)),
        ["subtract", a, b] => written(number(a) - number(b)),
        ["multiply", a, b] => written(number(a) * number(b)),
        ["divide", a, b, scale, how] => written(number(a).divided_by(number(b), scale.parse().unwrap(), mode(how))),
        ["compare", a, b] => (number(a).cmp(&number(b)) as i32).to_string(),
        ["rescale", a, scale, how] => written(number(a).rescaled(scale.parse().unwrap(), mode(how))),
        ["double", a] => format!("{:016x}", number(a).to_f64().to_bits()),
        ["nearest", bits, scale] => {
            let value = f64::from_bits(u64::from_str_radix(bits, 16).unwrap());
            written(Decimal::nearest(value, scale.parse().unwrap()).ok_or(DecimalError::Range))
        }
        _ => panic!("no such case: {:?}", words),
    }
}

#[test]
fn every_case_of_pythons_decimal_comes_out_the_same() {
    let file = std::env::var("BOURSE_DECIMAL_VECTORS")
        .expect("BOURSE_DECIMAL_VECTORS names what tests/sdk/decimal_vectors.py has written");
    let cases = std::fs::read_to_string(&file).expect("the file of cases is readable");
    let mut count = 0;
    for line in cases.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let (wanted, asked) = words.split_last().unwrap();
        assert_eq!(ours(asked), *wanted, "{}", line);
        count += 1;
    }
    assert!(count > 20_000, "only {} cases", count);
}
