// SPDX-License-Identifier: MIT

//! Texts and values on their way to the host, which has copied them when the call returns.

use std::ffi::CString;
use std::os::raw::c_char;
use std::ptr;

use crate::error::{Error, Result};
use crate::sys::*;
use crate::value::Value;

/// Keeps what the pointers it gives point to.
#[derive(Default)]
pub(crate) struct Keeper {
    texts: Vec<CString>,
    lists: Vec<Vec<bourse_value>>,
}

impl Keeper {
    /// With a NUL. A text with one inside is refused: the host would see half of it.
    pub fn text(&mut self, text: &str) -> Result<*const c_char> {
        let kept = CString::new(text).map_err(|_| {
            Error::internal("bad_text", format!("{:?} has a NUL inside: names and labels have none", text))
        })?;
        let pointer = kept.as_ptr();
        self.texts.push(kept);
        Ok(pointer)
    }
    pub fn maybe(&mut self, text: Option<&str>) -> Result<*const c_char> {
        text.map_or(Ok(ptr::null()), |text| self.text(text))
    }
    /// Borrows its text from `value`.
    pub fn value(&mut self, value: &Value<'_>) -> bourse_value {
        let whole = |of, i64| bourse_value { r#type: of, r#as: bourse_value_as { i64 }, ..bourse_value::NEW };
        match value {
            Value::Null => bourse_value::NEW,
            Value::Bool(value) => whole(BOURSE_TYPE_BOOL, i64::from(*value)),
            Value::I64(value) => whole(BOURSE_TYPE_I64, *value),
            Value::Time(value) => whole(BOURSE_TYPE_TIME, value.0),
            Value::F64(value) if value.is_nan() => bourse_value::NEW,
            Value::F64(value) => {
                bourse_value { r#type: BOURSE_TYPE_F64, r#as: bourse_value_as { f64: *value }, ..bourse_value::NEW }
            }
            Value::Decimal(value) => bourse_value {
                r#type: BOURSE_TYPE_DECIMAL,
                scale: value.scale(),
                r#as: bourse_value_as { dec: value.wire() },
            },
            Value::Text(value) => bourse_value {
                r#type: BOURSE_TYPE_TEXT,
                r#as: bourse_value_as { text: bourse_str::of(value) },
                ..bourse_value::NEW
            },
            Value::List(items) => {
                let list: Vec<bourse_value> = items.iter().map(|item| self.value(item)).collect();
                let r#as = bourse_value_as { list: bourse_list { ptr: list.as_ptr(), len: list.len() } };
                self.lists.push(list);
                bourse_value { r#type: BOURSE_TYPE_LIST, r#as, ..bourse_value::NEW }
            }
        }
    }
}
