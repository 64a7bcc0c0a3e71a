// SPDX-License-Identifier: MIT

//! A plugin in Rust on the bare declarations, whose analysis panics in the way that its parameter says.
#![deny(unsafe_op_in_unsafe_fn)]

use bourse::sys::*;
use bourse::{entry, has, reaches, text};
use std::os::raw::c_void;

entry!("test.panics", "1.0.0", |_host| &PLUGIN.0);

static HOW: Constant<bourse_param> = Constant(bourse_param {
    r#type: BOURSE_TYPE_TEXT,
    flags: BOURSE_PARAM_REQUIRED,
    name: text!("how"),
    ..bourse_param::NEW
});
static PARAMS: Constant<[*const bourse_param; 1]> = Constant([&HOW.0]);
static PANICS: Constant<bourse_component> = Constant(bourse_component {
    kind: BOURSE_KIND_ANALYSIS,
    parts: BOURSE_PART_TABLES,
    id: text!("panics"),
    title: text!("Panics"),
    n_params: 1,
    params: PARAMS.0.as_ptr(),
    create: Some(create),
    run: Some(run),
    ..bourse_component::NEW
});
static COMPONENTS: Constant<[*const bourse_component; 1]> = Constant([&PANICS.0]);
static PLUGIN: Constant<bourse_plugin> = Constant(bourse_plugin {
    abi_minor: BOURSE_TARGET_MINOR,
    name: text!("test.panics"),
    version: text!("1.0.0"),
    n_components: 1,
    components: COMPONENTS.0.as_ptr(),
    ..bourse_plugin::NEW
});

unsafe extern "C" fn create(
    host: *const bourse_host,
    call: *mut bourse_call,
    _config: *const bourse_value,
    instance: *mut *mut c_void,
) -> bourse_status {
    unsafe {
        guarded(host, call, || {
            *instance = host as *mut c_void;
            BOURSE_OK
        })
    }
}

/// A payload that is no text, and that panics once more when it is dropped.
struct Nasty;
impl Drop for Nasty {
    fn drop(&mut self) {
        panic!("in the drop of a payload");
    }
}

unsafe extern "C" fn run(
    instance: *mut c_void,
    call: *mut bourse_call,
    params: *const bourse_value,
) -> bourse_status {
    let host = instance as *const bourse_host;
    unsafe {
        guarded(host, call, || match items(params, 1)[0].r#as.text.bytes() {
            b"text" => panic!("a plain text"),
            b"formatted" => panic!("{} of {}", 3, 4),
            b"index" => items(params, 1)[params as usize & 1 | 1].scale,
            b"nasty" => std::panic::panic_any(Nasty),
            b"reaches" => look(host),
            _ => BOURSE_OK,
        })
    }
}

/// What `reaches!` and `has!` say of a host that is shorter than ours, and of one without a function.
unsafe fn look(host: *const bourse_host) -> bourse_status {
    unsafe {
        let mut short = *host;
        let first = std::ptr::addr_of!(short.chart) as usize - std::ptr::addr_of!(short) as usize;
        short.size = first as u32;
        short.poll = None;
        assert!(reaches!(host, write) && has!(host, write) && has!(host, chart));
        assert!(reaches!(&short as *const bourse_host, rows));
        assert!(!reaches!(&short as *const bourse_host, chart));
        assert!(!has!(&short as *const bourse_host, write));
        assert!(reaches!(&short as *const bourse_host, poll) && !has!(&short as *const bourse_host, poll));
    }
    BOURSE_OK
}
