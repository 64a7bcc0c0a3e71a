// SPDX-License-Identifier: MIT

//! Components, and the functions by which the host calls them.

use std::os::raw::c_void;

use crate::call::{Call, Host};
use crate::declare::About;
use crate::describe;
use crate::error::{Error, Result};
use crate::guard::{guarded, guarded_quietly};
use crate::report::Report;
use crate::sys::*;
use crate::value::Values;

macro_rules! component {
    ($(#[$doc:meta])* $name:ident { $($verb:tt)+ }) => {
        $(#[$doc])*
        ///
        /// One instance for each source of the configuration, one of an analysis or a serializer. Its methods run on
        /// many threads at once, so it is `Send + Sync`; named `serial ...` in `plugin!`, the host takes turns, and
        /// `Send` is enough.
        pub trait $name: Sized + 'static {
            /// What it says of itself.
            fn about() -> About;
            /// `config`: what the YAML file says, checked, by the names of `About::setting`.
            fn create(host: Host, config: &Values<'_>) -> Result<Self>;
            $($verb)+
        }
    };
}
component! {
    /// Turns datasets into a report.
    Analysis {
        fn run(&self, call: &Call<'_>, params: &Values<'_>) -> Result<()>;
    }
}
component! {
    /// Delivers datasets: a report with one table each.
    Source {
        /// `dataset`: the name of one that it declares; `params` are that dataset's.
        fn fetch(&self, call: &Call<'_>, dataset: &str, params: &Values<'_>) -> Result<()>;
    }
}
component! {
    /// A source over another. What it declares it answers itself, and `call.ask` asks the source below; a dataset that
    /// it does not declare is answered below.
    Layer {
        /// `dataset`: the name of one that it declares; `params` are that dataset's.
        fn fetch(&self, call: &Call<'_>, dataset: &str, params: &Values<'_>) -> Result<()>;
    }
}
component! {
    /// Turns a report into bytes.
    Serializer {
        fn render(&self, call: &Call<'_>, params: &Values<'_>, report: Report<'_>) -> Result<()>;
    }
}

/// What stands behind `self`.
struct Instance<T> {
    host: *const bourse_host,
    params: Vec<&'static str>,
    datasets: Vec<(&'static str, Vec<&'static str>)>,
    component: T,
}

fn status(host: *const bourse_host, call: *mut bourse_call, done: Result<()>) -> bourse_status {
    match done {
        Ok(()) => BOURSE_OK,
        // SAFETY: those that the host gave to the function that calls this.
        Err(error) => unsafe { error.tell(host, call) },
    }
}

/// # Safety
/// As the contract says of `create`.
unsafe fn create<T>(
    host: *const bourse_host,
    call: *mut bourse_call,
    config: *const bourse_value,
    instance: *mut *mut c_void,
    about: fn() -> About,
    make: fn(Host, &Values<'_>) -> Result<T>,
) -> bourse_status {
    let body = || {
        let about = about();
        let names = |params: &[crate::Param]| params.iter().map(|param| param.name).collect::<Vec<_>>();
        let settings = names(&about.config);
        // SAFETY: the host gives as many values as settings are declared.
        let component = make(unsafe { Host::new(host) }, &unsafe { Values::new(&settings, config) })?;
        let made = Box::new(Instance {
            host,
            params: names(&about.params),
            datasets: about.datasets.iter().map(|dataset| (dataset.name, names(&dataset.params))).collect(),
            component,
        });
        // SAFETY: the host's, to be written.
        unsafe { *instance = Box::into_raw(made).cast() };
        Ok(())
    };
    // SAFETY: those that the host gave.
    unsafe { guarded(host, call, || status(host, call, body())) }
}

unsafe extern "C" fn destroy<T>(instance: *mut c_void) {
    // SAFETY: what create made, once, and no call is in it any more.
    unsafe {
        let instance = Box::from_raw(instance.cast::<Instance<T>>());
        guarded_quietly(instance.host, "a destructor", || drop(instance));
    }
}

/// Every verb is this: the instance, the call, a panic that goes no further.
///
/// # Safety
/// `instance` is what create made, `call` the host's.
unsafe fn called<T>(
    instance: *mut c_void,
    call: *mut bourse_call,
    body: impl FnOnce(&Instance<T>, &Call<'_>) -> Result<()>,
) -> bourse_status {
    // SAFETY: the caller's promise.
    unsafe {
        let instance = &*(instance as *const Instance<T>);
        let host = instance.host;
        guarded(host, call, || status(host, call, body(instance, &Call::new(host, call))))
    }
}

fn fetched<T>(
    instance: &Instance<T>,
    dataset: usize,
    body: impl FnOnce(&str, &[&'static str]) -> Result<()>,
) -> Result<()> {
    match instance.datasets.get(dataset) {
        Some((name, params)) => body(name, params),
        None => {
            let what = format!("the host asked for dataset {} of {}", dataset, instance.datasets.len());
            Err(Error::internal("no_such_dataset", what))
        }
    }
}

macro_rules! verbs {
    ($name:ident, $make:ident, $serial:ident, $raw:ident, $kind:expr, $flags:expr, $verb:ident: |$instance:ident,
     $call:ident $(, $arg:ident: $type:ty)*| $body:expr) => {
        /// The functions by which the host calls it.
        pub(crate) fn $raw<T: $name>() -> bourse_component {
            unsafe extern "C" fn make<T: $name>(
                host: *const bourse_host,
                call: *mut bourse_call,
                config: *const bourse_value,
                instance: *mut *mut c_void,
            ) -> bourse_status {
                // SAFETY: the host's.
                unsafe { create::<T>(host, call, config, instance, T::about, T::create) }
            }
            unsafe extern "C" fn verb<T: $name>(
                instance: *mut c_void,
                call: *mut bourse_call,
                $($arg: $type),*
            ) -> bourse_status {
                // SAFETY: the host's; parameters are as many as were declared.
                unsafe { called::<T>(instance, call, |$instance, $call| $body) }
            }
            bourse_component {
                kind: $kind,
                flags: $flags,
                create: Some(make::<T>),
                destroy: Some(destroy::<T>),
                $verb: Some(verb::<T>),
                ..bourse_component::NEW
            }
        }
        #[doc(hidden)]
        pub fn $make<T: $name + Send + Sync>() -> bourse_component {
            describe::component(&T::about(), $raw::<T>())
        }
        #[doc(hidden)]
        pub fn $serial<T: $name + Send>() -> bourse_component {
            let mut verbs = $raw::<T>();
            verbs.flags |= BOURSE_COMPONENT_SERIAL;
            describe::component(&T::about(), verbs)
        }
    };
}
verbs!(Analysis, analysis, serial_analysis, analysis_verbs, BOURSE_KIND_ANALYSIS, 0,
    run: |it, call, params: *const bourse_value| it.component.run(call, &Values::new(&it.params, params)));
verbs!(Source, source, serial_source, source_verbs, BOURSE_KIND_SOURCE, 0,
fetch: |it, call, dataset: usize, params: *const bourse_value| fetched(it, dataset, |name, names| {
    it.component.fetch(call, name, &Values::new(names, params))
}));
verbs!(Layer, layer, serial_layer, layer_verbs, BOURSE_KIND_SOURCE, BOURSE_COMPONENT_LAYER,
fetch: |it, call, dataset: usize, params: *const bourse_value| fetched(it, dataset, |name, names| {
    it.component.fetch(call, name, &Values::new(names, params))
}));
verbs!(Serializer, serializer, serial_serializer, serializer_verbs, BOURSE_KIND_SERIALIZER, 0,
render: |it, call, params: *const bourse_value, report: *const bourse_report| {
    it.component.render(call, &Values::new(&it.params, params), Report::new(report))
});
