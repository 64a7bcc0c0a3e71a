// SPDX-License-Identifier: MIT

//! What crosses the contract as a value, and the checked values of a component's parameters.

use std::borrow::Cow;

use crate::decimal::Decimal;
use crate::error::{Error, Result};
use crate::numbers::Type;
use crate::sys::*;
use crate::time::Time;

/// A value. Numbers, times, texts and lists of them become one by `into()`; NaN and `None` become `Null`: a statistic
/// that cannot be computed is absent, not a number.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum Value<'a> {
    Null,
    Bool(bool),
    I64(i64),
    F64(f64),
    Decimal(Decimal),
    Time(Time),
    Text(Cow<'a, str>),
    /// Of parameters and arguments only.
    List(Vec<Value<'a>>),
}

impl<'a> Value<'a> {
    pub fn type_of(&self) -> Type {
        match self {
            Value::Null => Type::NULL,
            Value::Bool(_) => Type::BOOL,
            Value::I64(_) => Type::I64,
            Value::F64(_) => Type::F64,
            Value::Decimal(_) => Type::DECIMAL,
            Value::Time(_) => Type::TIME,
            Value::Text(_) => Type::TEXT,
            Value::List(_) => Type::LIST,
        }
    }
    /// With texts of its own.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Null => Value::Null,
            Value::Bool(value) => Value::Bool(value),
            Value::I64(value) => Value::I64(value),
            Value::F64(value) => Value::F64(value),
            Value::Decimal(value) => Value::Decimal(value),
            Value::Time(value) => Value::Time(value),
            Value::Text(value) => Value::Text(Cow::Owned(value.into_owned())),
            Value::List(items) => Value::List(items.into_iter().map(Value::into_owned).collect()),
        }
    }
    /// Text that is not UTF-8 comes with marks where it is not; a type unknown here, and a decimal out of range, is
    /// `Null`.
    ///
    /// # Safety
    /// What the value points to stays as it is for `'a`.
    pub(crate) unsafe fn from_wire(wire: &bourse_value) -> Value<'a> {
        // SAFETY: the member that the type names is the one that was written; the rest is the caller's promise.
        unsafe {
            match wire.r#type {
                BOURSE_TYPE_BOOL => Value::Bool(wire.r#as.i64 != 0),
                BOURSE_TYPE_I64 => Value::I64(wire.r#as.i64),
                BOURSE_TYPE_F64 => Value::F64(wire.r#as.f64),
                BOURSE_TYPE_DECIMAL => {
                    Decimal::from_wire(wire.r#as.dec, wire.scale).map_or(Value::Null, Value::Decimal)
                }
                BOURSE_TYPE_TIME => Value::Time(Time(wire.r#as.i64)),
                BOURSE_TYPE_TEXT => Value::Text(String::from_utf8_lossy(wire.r#as.text.bytes())),
                BOURSE_TYPE_LIST => {
                    let list = wire.r#as.list;
                    Value::List(items(list.ptr, list.len).iter().map(|item| Value::from_wire(item)).collect())
                }
                _ => Value::Null,
            }
        }
    }
}

macro_rules! into_value {
    ($($of:ty => |$value:ident| $made:expr;)+) => {
        $(impl<'a> From<$of> for Value<'a> {
            fn from($value: $of) -> Value<'a> {
                $made
            }
        })+
    };
}
into_value! {
    bool => |value| Value::Bool(value);
    i64 => |value| Value::I64(value);
    i32 => |value| Value::I64(value.into());
    u32 => |value| Value::I64(value.into());
    u8 => |value| Value::I64(value.into());
    f64 => |value| if value.is_nan() { Value::Null } else { Value::F64(value) };
    Decimal => |value| Value::Decimal(value);
    Time => |value| Value::Time(value);
    String => |value| Value::Text(Cow::Owned(value));
    &'a str => |value| Value::Text(Cow::Borrowed(value));
    &'a String => |value| Value::Text(Cow::Borrowed(value));
}
macro_rules! into_value_of_reference {
    ($($of:ty)+) => {
        $(impl<'a> From<&$of> for Value<'a> {
            fn from(value: &$of) -> Value<'a> {
                (*value).into()
            }
        }
        impl<'a> From<&Option<$of>> for Value<'a> {
            fn from(value: &Option<$of>) -> Value<'a> {
                (*value).into()
            }
        })+
    };
}
into_value_of_reference! { bool i64 i32 u32 u8 f64 Decimal Time &'a str }
impl<'a> From<&Value<'a>> for Value<'a> {
    fn from(value: &Value<'a>) -> Value<'a> {
        value.clone()
    }
}
impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Value<'a> {
        value.map_or(Value::Null, Into::into)
    }
}
impl<'a, T: Into<Value<'a>>> From<Vec<T>> for Value<'a> {
    fn from(items: Vec<T>) -> Value<'a> {
        Value::List(items.into_iter().map(Into::into).collect())
    }
}

/// What `Values::get` gives: `i64`, `f64`, `bool`, `Decimal`, `Time`, `&str`, and a `Vec` of one of these.
pub trait FromValue<'a>: Sized {
    #[doc(hidden)]
    const TYPE: Type;
    /// # Safety
    /// The value is of `TYPE`, and what it points to lasts for `'a`.
    #[doc(hidden)]
    unsafe fn from_value(wire: &bourse_value) -> Option<Self>;
}

macro_rules! from_value {
    ($($of:ty, $type:ident => |$wire:ident| $read:expr;)+) => {
        $(impl<'a> FromValue<'a> for $of {
            const TYPE: Type = Type::$type;
            unsafe fn from_value($wire: &bourse_value) -> Option<Self> {
                // SAFETY: the caller's promise.
                unsafe { $read }
            }
        })+
    };
}
from_value! {
    i64, I64 => |wire| Some(wire.r#as.i64);
    f64, F64 => |wire| Some(wire.r#as.f64);
    bool, BOOL => |wire| Some(wire.r#as.i64 != 0);
    Time, TIME => |wire| Some(Time(wire.r#as.i64));
    Decimal, DECIMAL => |wire| Decimal::from_wire(wire.r#as.dec, wire.scale);
    &'a str, TEXT => |wire| std::str::from_utf8(wire.r#as.text.bytes()).ok();
}
impl<'a, T: FromValue<'a>> FromValue<'a> for Vec<T> {
    const TYPE: Type = Type::LIST;
    unsafe fn from_value(wire: &bourse_value) -> Option<Self> {
        // SAFETY: the caller's promise.
        let list = unsafe { items(wire.r#as.list.ptr, wire.r#as.list.len) };
        list.iter().map(|item| if item.r#type == T::TYPE.0 { unsafe { T::from_value(item) } } else { None }).collect()
    }
}

/// Checked values, read by the name that was declared. Asking for another name, or another type than was declared, is
/// the plugin's own mistake: 500.
pub struct Values<'a> {
    names: &'a [&'static str],
    values: &'a [bourse_value],
}

impl<'a> Values<'a> {
    /// # Safety
    /// `values` are as many as `names`, of their declarations, and last for `'a`.
    pub(crate) unsafe fn new(names: &'a [&'static str], values: *const bourse_value) -> Values<'a> {
        Values {
            names,
            // SAFETY: the caller's promise.
            values: unsafe { items(values, names.len()) },
        }
    }
    fn at(&self, name: &str) -> Result<&'a bourse_value> {
        let place = self.names.iter().position(|declared| *declared == name);
        place.and_then(|place| self.values.get(place)).ok_or_else(|| {
            let what = format!("the plugin asked for the parameter {}, which it does not declare", name);
            Error::internal("undeclared_parameter", what)
        })
    }
    /// Required, or with a default: `let limit: i64 = params.get("limit")?;`
    pub fn get<T: FromValue<'a>>(&self, name: &str) -> Result<T> {
        self.maybe(name)?.ok_or_else(|| {
            let what = format!("the parameter {} was not given, and the plugin reads it as if it had to be", name);
            Error::internal("missing_parameter", what)
        })
    }
    /// Nothing if it was not given.
    pub fn maybe<T: FromValue<'a>>(&self, name: &str) -> Result<Option<T>> {
        let wire = self.at(name)?;
        if wire.r#type == BOURSE_TYPE_NULL {
            return Ok(None);
        }
        let wrong = || {
            let what = format!("the parameter {} has another type than the plugin asks for", name);
            Error::internal("wrong_parameter_type", what)
        };
        if wire.r#type != T::TYPE.0 {
            return Err(wrong());
        }
        // SAFETY: of that type; the promise of new().
        unsafe { T::from_value(wire) }.map(Some).ok_or_else(wrong)
    }
    /// Whatever its type.
    pub fn value(&self, name: &str) -> Result<Value<'a>> {
        // SAFETY: the promise of new().
        Ok(unsafe { Value::from_wire(self.at(name)?) })
    }
}
