// SPDX-License-Identifier: MIT

//! The contract of bourse.h as it is: its declarations, the well-known datasets, and the few things that unsafe code
//! cannot do without. The C headers are the reference: who owns what, which thread, what failure means; names are
//! theirs. Most plugins need nothing of this but `market`.
//!
//! - Types, kinds, roles, levels and parts are integers, never Rust enums: later hosts send numbers unknown today.
//! - `T::NEW` has its size set and is empty otherwise. Build on it, `bourse_note { level, ..bourse_note::NEW }`, and
//!   your source compiles with later headers too.
//! - What you are given may be shorter than what is declared here. Ask `reaches!` and `has!` before you read what came
//!   after ABI 1.0, and never copy a growing struct whole.
//! - No panic may leave a function that the host calls: `guarded` turns one into a failure of the call.
#![allow(non_camel_case_types)]

use std::os::raw::c_char;
use std::{mem, ptr, slice};

pub use crate::guard::{guarded, guarded_quietly};

#[rustfmt::skip]
mod contract;
#[rustfmt::skip]
pub mod market;

pub use contract::*;

/// A constant that holds pointers to other constants, shared by all threads.
#[repr(transparent)]
pub struct Constant<T>(pub T);
// SAFETY: nobody writes through a description, neither the host nor a plugin.
unsafe impl<T> Sync for Constant<T> {}

/// A text with its NUL, for descriptions: `text!("close")`.
#[macro_export]
macro_rules! text {
    ($text:expr) => {
        concat!($text, "\0").as_ptr().cast::<::std::os::raw::c_char>()
    };
}

/// The one symbol that a plugin exports, and its manifest: name, version and minor, where the host reads them without
/// running any code. Once per library: `entry!("acme.trend", "1.0.0", |host| &PLUGIN.0)`. The function is called with
/// the plugin's own host; NULL refuses to be loaded, and what was logged last says why.
#[macro_export]
macro_rules! entry {
    ($name:expr, $version:expr, $plugin:expr) => {
        const BOURSE_MANIFEST_TEXT: &[u8] =
            concat!($crate::abi_text!(), "\0name=", $name, "\0version=", $version, "\0").as_bytes();
        #[used]
        #[link_section = "bourse"]
        static BOURSE_MANIFEST: [u8; BOURSE_MANIFEST_TEXT.len()] = {
            let mut bytes = [0; BOURSE_MANIFEST_TEXT.len()];
            let mut at = 0;
            while at < bytes.len() {
                bytes[at] = BOURSE_MANIFEST_TEXT[at];
                at += 1;
            }
            bytes
        };

        #[no_mangle]
        pub extern "C" fn bourse_plugin_v1(host: *const $crate::sys::bourse_host) -> *const $crate::sys::bourse_plugin {
            $crate::sys::enter(host, &BOURSE_MANIFEST, $plugin)
        }
    };
}

/// Whether a growing struct, given by pointer, has that field at all. Unsafe: the pointer is one that the host gave.
#[macro_export]
macro_rules! reaches {
    ($pointer:expr, $field:ident) => {{
        let whole = $pointer;
        // The address only: the field itself may lie past the end.
        let field = ::std::ptr::addr_of!((*whole).$field);
        field as usize - whole as usize + $crate::sys::size_behind(field) <= (*whole).size as usize
    }};
}

/// Whether a function of a growing struct is there and offered.
#[macro_export]
macro_rules! has {
    ($pointer:expr, $function:ident) => {
        $crate::reaches!($pointer, $function) && (*$pointer).$function.is_some()
    };
}

#[doc(hidden)]
pub const fn size_behind<T>(_: *const T) -> usize {
    mem::size_of::<T>()
}

/// `n` items of an array of the contract, which may be NULL when there are none.
///
/// # Safety
/// `first` points to `n` items that stay as they are for `'a`, or `n` is 0.
pub unsafe fn items<'a, T>(first: *const T, n: usize) -> &'a [T] {
    if n == 0 || first.is_null() {
        &[]
    } else {
        // SAFETY: the caller's promise.
        unsafe { slice::from_raw_parts(first, n) }
    }
}

impl bourse_str {
    /// Borrows: what it is passed to has copied it when it returns.
    pub const fn of(text: &str) -> Self {
        bourse_str { ptr: text.as_ptr() as *const c_char, len: text.len() }
    }

    /// # Safety
    /// Only while the call that gave it lasts.
    pub unsafe fn bytes<'a>(&self) -> &'a [u8] {
        // SAFETY: the caller's promise.
        unsafe { items(self.ptr as *const u8, self.len) }
    }
}

/// What `entry!` calls. The read keeps the manifest: linkers drop what nothing refers to, whatever `used` says.
#[doc(hidden)]
pub fn enter(
    host: *const bourse_host,
    manifest: &[u8],
    plugin: fn(*const bourse_host) -> *const bourse_plugin,
) -> *const bourse_plugin {
    // SAFETY: a reference is readable.
    let _ = unsafe { ptr::read_volatile(manifest.as_ptr()) };
    crate::guard::entered(host, || plugin(host))
}
