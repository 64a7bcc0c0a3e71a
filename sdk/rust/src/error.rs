// SPDX-License-Identifier: MIT

//! How a call fails.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use crate::decimal::DecimalError;
use crate::guard::cut;
use crate::numbers::Status;
use crate::sys::*;
use crate::time::nanoseconds;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Fails the call: the client sees the status, the stable code and the sentence (what, where, what to do).
/// `return Err(Error::new(Status::UNPROCESSABLE, "window_too_long", "..."))`
///
/// Any error of the standard library or of yours becomes one by `?`: 500 `plugin_error` with its text, which is why
/// this type is none itself. A [`DecimalError`] becomes 422 `decimal_overflow`.
#[must_use]
pub struct Error(Kind);

enum Kind {
    /// The host has recorded why: a query failed, the client left, a limit was reached.
    Recorded(Status),
    Said(Box<Said>),
}

struct Said {
    status: Status,
    code: Cow<'static, str>,
    message: String,
    param: String,
    retry_after: Duration,
}

impl Error {
    /// `status` is 400 to 599; `code` matches `[a-z0-9_.-]+`.
    pub fn new(status: Status, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Error {
        Error(Kind::Said(Box::new(Said {
            status,
            code: code.into(),
            message: message.into(),
            param: String::new(),
            retry_after: Duration::from_secs(0),
        })))
    }
    pub(crate) fn internal(code: &'static str, message: impl Into<String>) -> Error {
        Error::new(Status::INTERNAL, code, message)
    }
    pub(crate) fn recorded(status: bourse_status) -> Error {
        Error(Kind::Recorded(Status(status)))
    }
    /// Names the request parameter that is to blame.
    pub fn blame(mut self, parameter: impl Into<String>) -> Error {
        if let Kind::Said(said) = &mut self.0 {
            said.param = parameter.into();
        }
        self
    }
    /// Tells the client when a new try makes sense.
    pub fn retry_after(mut self, wait: Duration) -> Error {
        if let Kind::Said(said) = &mut self.0 {
            said.retry_after = wait;
        }
        self
    }
    pub fn status(&self) -> Status {
        match &self.0 {
            Kind::Recorded(status) => *status,
            Kind::Said(said) => said.status,
        }
    }
    /// Empty where the host knows it and this does not.
    pub fn code(&self) -> &str {
        match &self.0 {
            Kind::Recorded(_) => "",
            Kind::Said(said) => &said.code,
        }
    }
    pub fn message(&self) -> &str {
        match &self.0 {
            Kind::Recorded(_) => "",
            Kind::Said(said) => &said.message,
        }
    }
    /// The status to return to the host, which has been told why.
    ///
    /// # Safety
    /// `host` and `call` are those that the host gave.
    pub(crate) unsafe fn tell(self, host: *const bourse_host, call: *mut bourse_call) -> bourse_status {
        let said = match self.0 {
            Kind::Recorded(status) => return status.0,
            Kind::Said(said) => said,
        };
        let failure = bourse_failure {
            status: said.status.0,
            code: bourse_str::of(&said.code),
            message: bourse_str::of(cut(&said.message, 4096)),
            param: bourse_str::of(&said.param),
            retry_after: nanoseconds(said.retry_after),
            ..bourse_failure::NEW
        };
        // SAFETY: the caller's promise; every host offers `fail`.
        match unsafe { (*host).fail } {
            Some(fail) => unsafe { fail(call, &failure) },
            None => said.status.0,
        }
    }
}

impl<E: std::error::Error + 'static> From<E> for Error {
    fn from(error: E) -> Error {
        match (&error as &dyn Any).downcast_ref::<DecimalError>() {
            Some(overflow) => Error::new(Status::UNPROCESSABLE, "decimal_overflow", overflow.to_string()),
            None => Error::internal("plugin_error", error.to_string()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}: {}", self.status().0, self.code(), self.message())
    }
}

pub(crate) fn ok(status: bourse_status) -> Result<()> {
    if status == BOURSE_OK {
        Ok(())
    } else {
        Err(Error::recorded(status))
    }
}
