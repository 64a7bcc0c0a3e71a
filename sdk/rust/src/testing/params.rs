// SPDX-License-Identifier: MIT

//! What a request says becomes what a component reads, as the host does it: by type, with defaults, choices and bounds.

use crate::decimal::Decimal;
use crate::declare::Param;
use crate::numbers::Type;
use crate::sys::*;
use crate::time::Time;
use crate::value::Value;

use super::host::Failed;

fn refused(code: &'static str, param: &Param, what: String) -> Failed {
    Failed {
        status: crate::Status::BAD_PARAM,
        code: code.to_owned(),
        message: format!("parameter {:?}: {}", param.name, what),
        param: param.name.to_owned(),
        retry_after: None,
    }
}

/// A time is RFC 3339 in UTC, as [`Time`] shows it, or nanoseconds.
fn one(text: &str, of: Type) -> Option<Value<'static>> {
    Some(match of {
        Type::BOOL => Value::Bool(match text {
            "true" => true,
            "false" => false,
            _ => return None,
        }),
        Type::I64 => Value::I64(text.parse().ok()?),
        Type::F64 => Value::F64(text.parse::<f64>().ok().filter(|value| value.is_finite())?),
        Type::DECIMAL => Value::Decimal(text.parse().ok()?),
        Type::TIME => Value::Time(Time(text.parse().ok()?)),
        Type::TEXT => Value::Text(text.to_owned().into()),
        _ => return None,
    })
}

/// Bounds of the value, of a text's bytes, of a list's count.
fn outside(value: &Value<'_>, param: &Param) -> bool {
    let measure = |text: &str| -> Option<Decimal> { text.parse().ok() };
    let measured = match value {
        Value::I64(value) => Decimal::from(*value),
        Value::Decimal(value) => *value,
        Value::Text(text) => Decimal::from(text.len() as i64),
        Value::List(items) => Decimal::from(items.len() as i64),
        Value::F64(value) => {
            let real = |text: &str| text.parse::<f64>().ok();
            return param.bounds.0.and_then(real).map_or(false, |low| *value < low)
                || param.bounds.1.and_then(real).map_or(false, |high| *value > high);
        }
        _ => return false,
    };
    param.bounds.0.and_then(measure).map_or(false, |low| measured < low)
        || param.bounds.1.and_then(measure).map_or(false, |high| measured > high)
}

fn read(text: &str, param: &Param) -> Result<Value<'static>, Failed> {
    let is_list = param.type_of == Type::LIST;
    let of = if is_list { param.item } else { param.type_of };
    let words: Vec<&str> = if !is_list {
        vec![text]
    } else if text.is_empty() {
        Vec::new()
    } else {
        text.split(',').collect()
    };
    if let Some(wrong) = words.iter().find(|word| !param.choices.is_empty() && !param.choices.contains(*word)) {
        return Err(refused("parameter_not_a_choice", param, format!("{:?} is none of {:?}", wrong, param.choices)));
    }
    let values = words.iter().map(|word| one(word, of)).collect::<Option<Vec<_>>>();
    let mut values =
        values.ok_or_else(|| refused("parameter_malformed", param, format!("{:?} is no {:?}", text, of)))?;
    let value = if is_list { Value::List(values) } else { values.remove(0) };
    if outside(&value, param) {
        return Err(refused("parameter_out_of_range", param, format!("{:?} is outside {:?}", text, param.bounds)));
    }
    Ok(value)
}

/// In the order of declaration.
///
/// # Panics
/// The test gives what is not declared.
pub(super) fn values(declared: &[Param], given: &[(&str, &str)]) -> Result<Vec<Value<'static>>, Failed> {
    for (name, _) in given {
        assert!(
            declared.iter().any(|param| param.name == *name),
            "the test gives {:?}, which is not declared: {:?}",
            name,
            declared.iter().map(|param| param.name).collect::<Vec<_>>()
        );
    }
    let text_for = |param: &Param| {
        let said = given.iter().find(|(name, _)| *name == param.name).map(|(_, text)| (*text).to_owned());
        said.or_else(|| param.default.map(str::to_owned))
    };
    declared
        .iter()
        .map(|param| match text_for(param) {
            Some(text) => read(&text, param),
            None if param.flags & BOURSE_PARAM_REQUIRED != 0 => {
                Err(refused("parameter_missing", param, "it is required".to_owned()))
            }
            None => Ok(Value::Null),
        })
        .collect()
}
