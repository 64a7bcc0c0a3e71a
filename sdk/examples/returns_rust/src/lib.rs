// SPDX-License-Identifier: MIT

//! A complete analysis in Rust: how much a market's price changed from one candle to the next, as a table, a chart
//! and two figures.
#![deny(unsafe_op_in_unsafe_fn)]

use bourse_sys::{entry, guarded, items, market, text, *};
use std::ffi::CStr;
use std::os::raw::c_void;
use std::ptr;

entry!("example.returns", "1.0.0", |_host| &PLUGIN.0);

// ---- what it declares ----
static LIMIT: Constant<bourse_param> = Constant(bourse_param {
    r#type: BOURSE_TYPE_I64,
    name: text!("limit"),
    label: text!("Limit"),
    doc: text!("Number of candles, the newest."),
    def: text!("100"),
    min: text!("2"),
    max: text!("5000"),
    ..bourse_param::NEW
});
static PARAMS: Constant<[*const bourse_param; 3]> = Constant([
    &market::CANDLES_PARAM_SYMBOL.0,
    &market::CANDLES_PARAM_INTERVAL.0,
    &LIMIT.0,
]);

/// Of candles it reads two columns, so it works with every source that has these.
static READ: Constant<[*const bourse_field; 2]> =
    Constant([&market::CANDLES_OPEN_TIME.0, &market::CANDLES_CLOSE.0]);
static CANDLES: Constant<bourse_dataset> = Constant(bourse_dataset {
    name: text!("candles"),
    n_params: 3,
    params: ASKED.0.as_ptr(),
    n_fields: 2,
    fields: READ.0.as_ptr(),
    ..bourse_dataset::NEW
});
static ASKED: Constant<[*const bourse_param; 3]> = Constant([
    &market::CANDLES_PARAM_SYMBOL.0,
    &market::CANDLES_PARAM_INTERVAL.0,
    &market::CANDLES_PARAM_LIMIT.0,
]);
static DATASETS: Constant<[*const bourse_dataset; 1]> = Constant([&CANDLES.0]);

static CHANGE: Constant<bourse_field> = Constant(bourse_field {
    r#type: BOURSE_TYPE_F64,
    name: text!("change"),
    label: text!("Change"),
    unit: text!("%"),
    doc: text!("100 x (close / close of the row before - 1)"),
    ..bourse_field::NEW
});
static TOTAL: Constant<bourse_field> = Constant(bourse_field {
    r#type: BOURSE_TYPE_F64,
    name: text!("total"),
    label: text!("Change over all"),
    unit: text!("%"),
    doc: text!("100 x (last close / first close - 1)"),
    ..bourse_field::NEW
});
static RISING: Constant<bourse_field> = Constant(bourse_field {
    r#type: BOURSE_TYPE_I64,
    name: text!("rising"),
    label: text!("Rising candles"),
    doc: text!("rows whose change is above 0"),
    ..bourse_field::NEW
});

static X: Constant<bourse_channel> = Constant(bourse_channel {
    role: BOURSE_ROLE_X,
    field: text!("open_time"),
    ..bourse_channel::NEW
});
static Y: Constant<bourse_channel> = Constant(bourse_channel {
    role: BOURSE_ROLE_Y,
    field: text!("change"),
    ..bourse_channel::NEW
});
static CHANNELS: Constant<[*const bourse_channel; 2]> = Constant([&X.0, &Y.0]);
static CHART: Constant<bourse_chart> = Constant(bourse_chart {
    kind: BOURSE_CHART_BAR,
    name: text!("change"),
    title: text!("Change from candle to candle"),
    table: text!("returns"),
    n_channels: 2,
    channels: CHANNELS.0.as_ptr(),
    ..bourse_chart::NEW
});

/// What its reports hold: for OpenAPI, documentation and checks.
static SCALARS: Constant<[*const bourse_field; 2]> = Constant([&TOTAL.0, &RISING.0]);
static COLUMNS: Constant<[*const bourse_field; 3]> = Constant([
    &market::CANDLES_OPEN_TIME.0,
    &market::CANDLES_CLOSE.0,
    &CHANGE.0,
]);
static ROWS: Constant<bourse_table> = Constant(bourse_table {
    name: text!("returns"),
    label: text!("Returns"),
    n_fields: 3,
    fields: COLUMNS.0.as_ptr(),
    ..bourse_table::NEW
});
static TABLES: Constant<[*const bourse_table; 1]> = Constant([&ROWS.0]);

static RETURNS: Constant<bourse_component> = Constant(bourse_component {
    kind: BOURSE_KIND_ANALYSIS,
    flags: BOURSE_COMPONENT_PURE,
    parts: BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS,
    id: text!("returns"),
    title: text!("Returns"),
    doc: text!("How much the price changed from one candle to the next."),
    n_params: 3,
    params: PARAMS.0.as_ptr(),
    n_datasets: 1,
    datasets: DATASETS.0.as_ptr(),
    create: Some(create),
    run: Some(run),
    n_scalars: 2,
    scalars: SCALARS.0.as_ptr(),
    n_tables: 1,
    tables: TABLES.0.as_ptr(),
    ..bourse_component::NEW
});
static COMPONENTS: Constant<[*const bourse_component; 1]> = Constant([&RETURNS.0]);
static PLUGIN: Constant<bourse_plugin> = Constant(bourse_plugin {
    abi_minor: BOURSE_TARGET_MINOR,
    name: text!("example.returns"),
    version: text!("1.0.0"),
    license: text!("MIT"),
    n_components: 1,
    components: COMPONENTS.0.as_ptr(),
    ..bourse_plugin::NEW
});

/// The host's table lives as long as this library is loaded, so it serves as `self`.
unsafe extern "C" fn create(
    host: *const bourse_host,
    call: *mut bourse_call,
    _config: *const bourse_value,
    instance: *mut *mut c_void,
) -> bourse_status {
    // SAFETY: the host gives pointers that last for this call, and `instance` to be written.
    unsafe {
        guarded(host, call, || {
            *instance = host as *mut c_void;
            BOURSE_OK
        })
    }
}

unsafe extern "C" fn run(
    instance: *mut c_void,
    call: *mut bourse_call,
    params: *const bourse_value,
) -> bourse_status {
    let host = instance as *const bourse_host;
    // SAFETY: `instance` is what create gave; params are as many as PARAMS, checked by the host.
    unsafe {
        guarded(host, call, || {
            match (Speaker { host: &*host, call }).report(items(params, PARAMS.0.len())) {
                Ok(()) => BOURSE_OK,
                Err(status) => status,
            }
        })
    }
}

// ---- what it computes ----

/// A price as delivered. Two of one column have one scale, so their ratio is that of the coefficients.
fn coefficient(price: &bourse_i128) -> f64 {
    ((i128::from(price.hi) << 64) | i128::from(price.lo)) as f64
}

/// In percent; none if one of the prices is missing or the first is zero.
fn change(before: Option<f64>, now: Option<f64>) -> Option<f64> {
    match (before, now) {
        (Some(before), Some(now)) if before != 0.0 => Some(100.0 * (now / before - 1.0)),
        _ => None,
    }
}

/// Bit i, least significant first, says whether row i has a value.
fn is_valid(column: &bourse_array, row: usize) -> bool {
    // SAFETY: the host gives a bit for each row, or NULL.
    column.valid.is_null() || unsafe { *column.valid.add(row / 8) } >> (row % 8) & 1 == 1
}

fn bitmap(column: &[Option<f64>]) -> Vec<u8> {
    let mut bits = vec![0u8; (column.len() + 7) / 8];
    for row in (0..column.len()).filter(|row| column[*row].is_some()) {
        bits[row / 8] |= 1 << (row % 8);
    }
    bits
}

// ---- what it asks and says ----

type Done = Result<(), bourse_status>;

fn ok(status: bourse_status) -> Done {
    if status == BOURSE_OK {
        Ok(())
    } else {
        Err(status) // the host knows why already
    }
}

/// Speaks to the host within one call. Every function used here is of ABI 1.0, so every host has it.
struct Speaker<'a> {
    host: &'a bourse_host,
    call: *mut bourse_call,
}

impl Speaker<'_> {
    fn report(&self, params: &[bourse_value]) -> Done {
        let table = self.candles(params)?;
        let (field, times) = self.column(table, "open_time", BOURSE_TYPE_TIME)?;
        let (price, closes) = self.column(table, "close", BOURSE_TYPE_DECIMAL)?;
        // SAFETY: a column of decimals has a bourse_i128 for each row.
        let coefficients = unsafe { items(closes.data as *const bourse_i128, table.n_rows) };
        let prices: Vec<Option<f64>> = (0..table.n_rows)
            .map(|row| {
                if is_valid(closes, row) {
                    Some(coefficient(&coefficients[row]))
                } else {
                    None
                }
            })
            .collect();
        let changes: Vec<Option<f64>> = (0..prices.len())
            .map(|row| change(if row > 0 { prices[row - 1] } else { None }, prices[row]))
            .collect();
        let total = change(
            prices.first().copied().flatten(),
            prices.last().copied().flatten(),
        );
        self.scalar(&TOTAL.0, total.map(real))?;
        let rising = changes
            .iter()
            .flatten()
            .filter(|change| **change > 0.0)
            .count();
        self.scalar(&RISING.0, Some(whole(rising as i64)))?;
        self.table(&[field, price], &[*times, *closes], &changes)?;
        // SAFETY: the call lasts, and the chart is a constant.
        ok(unsafe { self.host.chart.unwrap()(self.call, &CHART.0) })
    }

    fn candles(&self, params: &[bourse_value]) -> Result<&bourse_table, bourse_status> {
        let arg = |name, value: &bourse_value| bourse_arg {
            name: bourse_str::of(name),
            value: *value,
        };
        let args = [
            arg("symbol", &params[0]),
            arg("interval", &params[1]),
            arg("limit", &params[2]),
        ];
        let query = bourse_query {
            dataset: bourse_str::of("candles"),
            n_args: args.len(),
            args: args.as_ptr(),
            ..bourse_query::NEW
        };
        let queries: [*const bourse_query; 1] = [&query];
        let mut answer = bourse_answer::NEW;
        // SAFETY: the query and what it points to outlive the call; what is answered lives until run returns.
        unsafe {
            ok(self.host.query.unwrap()(
                self.call,
                1,
                queries.as_ptr(),
                &mut answer,
            ))?;
            Ok(&**(*answer.report).tables)
        }
    }

    /// Columns are found by name: a source may have more of them, and in another order.
    fn column<'t>(
        &self,
        table: &'t bourse_table,
        name: &str,
        wanted: bourse_type,
    ) -> Result<(*const bourse_field, &'t bourse_array), bourse_status> {
        // SAFETY: the host gives n_fields of both, and names end with NUL.
        unsafe {
            let fields = items(table.fields, table.n_fields);
            let is_it = |field: &&*const bourse_field| {
                CStr::from_ptr((***field).name).to_bytes() == name.as_bytes()
                    && (***field).r#type == wanted
            };
            match fields.iter().position(|field| is_it(&field)) {
                Some(place) => Ok((fields[place], &items(table.columns, table.n_fields)[place])),
                None => Err(self.fail(
                    "column_missing",
                    &format!("The candles have no column {name} of its type."),
                )),
            }
        }
    }

    fn table(
        &self,
        given: &[*const bourse_field; 2],
        columns: &[bourse_array; 2],
        changes: &[Option<f64>],
    ) -> Done {
        let data: Vec<f64> = changes.iter().map(|change| change.unwrap_or(0.0)).collect();
        let valid = bitmap(changes);
        let fields: [*const bourse_field; 3] = [given[0], given[1], &CHANGE.0];
        let columns = [
            columns[0],
            columns[1],
            bourse_array {
                data: data.as_ptr() as *const c_void,
                valid: valid.as_ptr(),
            },
        ];
        let table = bourse_table {
            name: text!("returns"),
            label: text!("Returns"),
            n_fields: fields.len(),
            fields: fields.as_ptr(),
            n_rows: changes.len(),
            columns: columns.as_ptr(),
            ..bourse_table::NEW
        };
        // SAFETY: everything has been copied when `table` returns.
        ok(unsafe { self.host.table.unwrap()(self.call, &table, ptr::null_mut()) })
    }

    fn scalar(&self, field: &bourse_field, value: Option<bourse_value>) -> Done {
        let scalar = bourse_scalar {
            field,
            value: value.unwrap_or(bourse_value::NEW),
            ..bourse_scalar::NEW
        };
        // SAFETY: as above.
        ok(unsafe { self.host.scalar.unwrap()(self.call, &scalar) })
    }

    fn fail(&self, code: &str, message: &str) -> bourse_status {
        let failure = bourse_failure {
            status: BOURSE_INTERNAL,
            code: bourse_str::of(code),
            message: bourse_str::of(message),
            ..bourse_failure::NEW
        };
        // SAFETY: as above.
        unsafe { self.host.fail.unwrap()(self.call, &failure) }
    }
}

fn real(value: f64) -> bourse_value {
    bourse_value {
        r#type: BOURSE_TYPE_F64,
        r#as: bourse_value_as { f64: value },
        ..bourse_value::NEW
    }
}

fn whole(value: i64) -> bourse_value {
    bourse_value {
        r#type: BOURSE_TYPE_I64,
        r#as: bourse_value_as { i64: value },
        ..bourse_value::NEW
    }
}
