// SPDX-License-Identifier: MIT

//! No panic leaves the plugin: every function that the host calls runs inside one of these.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::{mem, ptr, str};

use crate::sys::*;

const PLACE_BYTES: usize = 128;

// Plain values: a thread_local with a destructor would keep the library mapped for ever.
thread_local! {
    static GUARDS: Cell<u32> = const { Cell::new(0) };
    static PLACE: Cell<([u8; PLACE_BYTES], usize)> = const { Cell::new(([0; PLACE_BYTES], 0)) };
}

/// A panic below a guard is told to the host with its place; elsewhere (a thread of the plugin's own) it is printed.
/// The library has a standard library of its own, so nobody else's panics come here.
fn install_hook() {
    panic::set_hook(Box::new(|info| {
        if GUARDS.try_with(Cell::get).unwrap_or(0) == 0 {
            eprintln!("{}", info);
            return;
        }
        let mut place = ([0; PLACE_BYTES], 0);
        if let Some(at) = info.location() {
            use std::io::Write;
            let mut room = &mut place.0[..];
            // Longer than the room: cut off, which is all the same to who reads it.
            let _ = write!(room, "{}:{}:{}", at.file(), at.line(), at.column());
            let left = room.len();
            place.1 = PLACE_BYTES - left;
        }
        let _ = PLACE.try_with(|kept| kept.set(place));
    }));
}

/// What one panicked with.
fn words_of(payload: &(dyn Any + Send)) -> &str {
    if let Some(text) = payload.downcast_ref::<&str>() {
        return text;
    }
    match payload.downcast_ref::<String>() {
        Some(text) => text,
        None => "it says no more",
    }
}

/// Runs `body`; the message of its panic if it panics.
fn caught<T>(body: impl FnOnce() -> T) -> Result<T, String> {
    let _ = GUARDS.try_with(|guards| guards.set(guards.get() + 1));
    let _ = PLACE.try_with(|place| place.set(([0; PLACE_BYTES], 0)));
    // AssertUnwindSafe: what a panic left half done belongs to a call that has failed.
    let done = panic::catch_unwind(AssertUnwindSafe(body));
    let _ = GUARDS.try_with(|guards| guards.set(guards.get() - 1));
    done.map_err(|payload| {
        let (bytes, used) = PLACE.try_with(Cell::get).unwrap_or(([0; PLACE_BYTES], 0));
        let mut message = words_of(&*payload).to_owned();
        if used > 0 {
            message += " (at ";
            message += &String::from_utf8_lossy(&bytes[..used]);
            message += ")";
        }
        // A payload may panic in its turn when it is dropped; nothing can be done for it then but to leave it.
        if let Err(second) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            mem::forget(second);
        }
        message
    })
}

/// Runs `body`, from which no panic goes further: it becomes INTERNAL with the code `plugin_panicked`, its message and
/// its place. Every function that the host calls with a call begins with it.
///
/// # Safety
/// `host` and `call` are those that the host gave.
pub unsafe fn guarded(
    host: *const bourse_host,
    call: *mut bourse_call,
    body: impl FnOnce() -> bourse_status,
) -> bourse_status {
    let message = match caught(body) {
        Ok(status) => return status,
        Err(message) => format!("the plugin panicked: {}", message),
    };
    let failure = bourse_failure {
        status: BOURSE_INTERNAL,
        code: bourse_str::of("plugin_panicked"),
        message: bourse_str::of(cut(&message, 4096)),
        ..bourse_failure::NEW
    };
    // SAFETY: the caller's promise; every host offers `fail`.
    match unsafe { (*host).fail } {
        Some(fail) => unsafe { fail(call, &failure) },
        None => BOURSE_INTERNAL,
    }
}

/// As `guarded`, for functions that cannot fail: `destroy`, `deinit`, `extension`. A panic there is a line in the log.
///
/// # Safety
/// `host` is the one that the host gave, or NULL.
pub unsafe fn guarded_quietly(host: *const bourse_host, what: &str, body: impl FnOnce()) {
    if let Err(message) = caught(body) {
        // SAFETY: the caller's promise.
        unsafe { log_panic(host, what, &message) };
    }
}

/// The plugin's description, or NULL, which refuses to be loaded.
pub(crate) fn entered(host: *const bourse_host, body: impl FnOnce() -> *const bourse_plugin) -> *const bourse_plugin {
    install_hook();
    caught(body).unwrap_or_else(|message| {
        // SAFETY: the host gave it, and it lasts.
        unsafe { log_panic(host, "the plugin's description", &message) };
        ptr::null()
    })
}

unsafe fn log_panic(host: *const bourse_host, what: &str, message: &str) {
    let text = format!("the plugin panicked in {}: {}", what, message);
    // SAFETY: the caller's promise; ABI 1.0 has `log`.
    if let Some(log) = unsafe { host.as_ref() }.and_then(|host| host.log) {
        unsafe { log(host, ptr::null_mut(), BOURSE_LEVEL_ERROR, bourse_str::of(cut(&text, 4096)), ptr::null(), 0) }
    }
}

/// At most so many bytes, whole characters.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    match str::from_utf8(&text.as_bytes()[..most]) {
        Ok(whole) => whole,
        Err(error) => &text[..error.valid_up_to()],
    }
}
