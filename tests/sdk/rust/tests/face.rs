// SPDX-License-Identifier: MIT

//! The safe face against the fake host: what crosses arrives as it was, what fails is told, nothing panics out.

use bourse::testing::Host as Fake;
use bourse::*;
use std::time::Duration;

const CHANGE: Field<'static> = Field::real("change").label("Change").unit("%");
const PRICE: Field<'static> = Field::decimal("price", 2);

fn candles() -> Table<'static> {
    let closes: Vec<Decimal> = ["100", "110.5", "99.45"].iter().map(|text| text.parse().unwrap()).collect();
    Table::new("candles", "Candles")
        .column(&Field::of(&market::CANDLES_OPEN_TIME), (0..3).map(Time::from_millis))
        .column(&Field::of(&market::CANDLES_CLOSE), &closes)
}

/// Does what its parameter says.
struct Does(i64);
impl Analysis for Does {
    fn about() -> About {
        About::new("does", "Does")
            .parts(Parts::SCALARS | Parts::TABLES | Parts::CHARTS | Parts::NOTES)
            .param(Param::text("what").required().bounds("1", "20"))
            .param(Param::integer("limit").default("3").bounds("1", "10"))
            .param(Param::list("symbols", Type::TEXT).default("A,B").bounds("1", "2"))
            .param(Param::decimal("price"))
            .setting(Param::integer("factor").default("7"))
            .reads(Reads::of(&market::CANDLES).columns(&[&market::CANDLES_OPEN_TIME, &market::CANDLES_CLOSE]))
    }
    fn create(host: Host, config: &Values<'_>) -> Result<Self> {
        host.log(Level::INFO, "created", &[("version", host.version().into())]);
        Ok(Does(config.get("factor")?))
    }
    fn run(&self, call: &Call<'_>, params: &Values<'_>) -> Result<()> {
        match params.get("what")? {
            "copy" => {
                let answer = call.ask(Query::new("candles").with("symbol", "BTCUSDT").with("start", None::<Time>))?;
                let table = answer.table(0)?;
                let copy = Table::new("copy", "Copy")
                    .column(&Field::time("open_time"), table.times("open_time")?)
                    .column(&PRICE, table.decimals("close")?);
                let begun = call.begin(&copy)?;
                let more = Table::new("", "")
                    .column(&Field::time("open_time"), vec![Time(7)])
                    .column(&PRICE, vec![None::<Decimal>]);
                call.more(&begun, &more)?;
                call.chart(
                    &Chart::new(ChartKind::LINE, "copy", "Copy")
                        .of("copy")
                        .channel(Role::X, "open_time")
                        .labelled(Role::Y, "price", "Price")
                        .level(100.0, "par")
                        .guide(Time(7), ""),
                )
            }
            "kinds" => {
                let every = Table::new("kinds", "Kinds")
                    .column(&Field::boolean("flag"), vec![Some(true), None, Some(false)])
                    .column(&Field::integer("whole"), vec![1i64, -2, i64::MAX])
                    .column(&Field::real("real"), vec![0.5, f64::NAN, -0.0])
                    .column(&Field::text("text"), vec!["a", "", "ü"])
                    .column(&Field::decimal("exact", 1), vec![Decimal::from(1), "1.25".parse()?, "-3.5".parse()?]);
                call.add(&every)?;
                call.title("Kinds")?;
                call.as_of(Time(5))?;
                call.meta("quote", "USDT")?;
                call.scalar(&CHANGE, f64::NAN)
            }
            "params" => {
                let symbols: Vec<&str> = params.get("symbols")?;
                call.scalar(&Field::text("symbols"), symbols.join("+"))?;
                call.scalar(&Field::integer("limit"), params.get::<i64>("limit")? * self.0)?;
                call.scalar(&PRICE, params.maybe::<Decimal>("price")?)
            }
            "undeclared" => params.get::<i64>("other").map(drop),
            "not_given" => params.get::<Decimal>("price").map(drop),
            "wrong_type" => params.get::<i64>("what").map(drop),
            "no_column" => call.ask(Query::new("candles"))?.table(0)?.reals("open").map(drop),
            "column_type" => call.ask(Query::new("candles"))?.table(0)?.reals("close").map(drop),
            "uneven" => call.add(&Table::new("t", "").column(&CHANGE, vec![1.0]).column(&PRICE, Vec::<Decimal>::new())),
            "wrong_cell" => call.add(&Table::new("t", "").column(&CHANGE, vec!["1.0"])),
            "nul" => call.add(&Table::new("t", "a\0b").column(&CHANGE, vec![1.0])),
            "bad_name" => call.scalar(&Field::real("No Name"), 1.0),
            "early_chart" => call.chart(&Chart::new(ChartKind::LINE, "c", "C").of("nothing")),
            "overflow" => {
                let large: Decimal = "99999999999999999999999999999999999999".parse()?;
                (large + large)?;
                Ok(())
            }
            "io" => Err(std::io::Error::new(std::io::ErrorKind::Other, "the disk is gone"))?,
            "says" => Err(Error::new(Status::UNPROCESSABLE, "too_odd", "That is odd.")
                .blame("limit")
                .retry_after(Duration::from_secs(2))),
            "goes_on" => match call.ask_all(&[Query::new("missing"), Query::new("candles")])?.as_slice() {
                [Err(failure), Ok(report)] => {
                    call.warn("partial", failure.code())?;
                    call.scalar(&Field::integer("rows"), report.table(0)?.rows() as i64)
                }
                _ => panic!("one fails, one does not"),
            },
            "pages" => {
                for _ in 0..3 {
                    let page = call.page(Query::new("candles"))?;
                    call.scalar(&Field::integer("rows"), page.report().table(0)?.rows() as i64)?;
                }
                Ok(())
            }
            "polls" => loop {
                call.poll()?;
            },
            "threads" => std::thread::scope(|scope| {
                let clock = call.clock();
                let other = scope.spawn(move || clock.poll().and_then(|_| clock.now()));
                let now = other.join().expect("the thread does not panic")?;
                call.scalar(&Field::time("now"), now)
            }),
            "none" => {
                let nothing: Option<i64> = None;
                nothing.unwrap();
                Ok(())
            }
            other => panic!("{} of {}", other, 3),
        }
    }
}

fn run(host: &Fake, what: &str) -> std::result::Result<testing::Made, testing::Failed> {
    host.run::<Does>(&[("what", what)])
}
fn refused(what: &str) -> (i32, String, String) {
    let failed = run(&Fake::new().answer("candles", candles()), what).unwrap_err();
    (failed.status.0, failed.code, failed.message)
}

#[test]
fn columns_go_through_as_they_came_and_more_rows_follow() {
    let host = Fake::new().answer("candles", candles());
    let made = run(&host, "copy").unwrap();
    let prices: Vec<String> = made.column("copy", "price").iter().map(|cell| format!("{:?}", cell)).collect();
    assert_eq!(prices.len(), 4);
    // The dataset says 8 decimals, and it keeps them.
    assert_eq!(made.table("copy").decimals("price").unwrap().get(1).unwrap().to_string(), "110.50000000");
    assert_eq!(made.column("copy", "price")[3], Value::Null);
    assert_eq!(made.column("copy", "open_time")[3], Value::Time(Time(7)));
    let chart = made.report().charts().next().unwrap();
    assert_eq!(chart.channels[1], (Role::Y, "price", Some("Price")));
    assert_eq!(chart.levels, [100.0]);
    // What is None is not sent: the dataset's default holds.
    assert_eq!(host.asked()[0].args, [("symbol".to_owned(), Value::from("BTCUSDT"))]);
}

#[test]
fn an_empty_table_has_columns_without_memory_behind_them() {
    // The fake host gives NULL for them, as a host in C does: reading one by from_raw_parts would abort a debug build.
    let nothing = Table::new("candles", "")
        .column(&Field::of(&market::CANDLES_OPEN_TIME), Vec::<Time>::new())
        .column(&Field::of(&market::CANDLES_CLOSE), Vec::<Decimal>::new());
    let made = run(&Fake::new().answer("candles", nothing), "copy").unwrap();
    assert_eq!(made.table("copy").rows(), 1);
}

#[test]
fn every_kind_of_cell_crosses_and_what_is_no_number_is_null() {
    let made = run(&Fake::new(), "kinds").unwrap();
    assert_eq!(made.column("kinds", "flag"), [Value::Bool(true), Value::Null, Value::Bool(false)]);
    assert_eq!(made.column("kinds", "whole"), [Value::I64(1), Value::I64(-2), Value::I64(i64::MAX)]);
    assert_eq!(made.column("kinds", "real"), [Value::F64(0.5), Value::Null, Value::F64(-0.0)]);
    assert_eq!(made.column("kinds", "text"), [Value::from("a"), Value::from(""), Value::from("ü")]);
    // One scale for all: the largest among them.
    let exact = made.table("kinds").decimals("exact").unwrap();
    assert_eq!(exact.scale(), 2);
    assert_eq!(exact.iter().map(|cell| cell.unwrap().to_string()).collect::<Vec<_>>(), ["1.00", "1.25", "-3.50"]);
    assert_eq!((made.report().title(), made.report().as_of()), ("Kinds", Some(Time(5))));
    assert_eq!(made.report().meta().next().unwrap(), ("quote", Value::from("USDT")));
    assert_eq!(made.scalar("change"), Value::Null);
}

#[test]
fn parameters_and_settings_come_typed_with_their_defaults() {
    let made = run(&Fake::new().setting("factor", "5"), "params").unwrap();
    assert_eq!(made.scalar("symbols"), Value::from("A+B"));
    assert_eq!(made.scalar("limit"), Value::I64(15));
    assert_eq!(made.scalar("price"), Value::Null);
    let made = Fake::new().run::<Does>(&[("what", "params"), ("price", "1.5"), ("symbols", "X")]).unwrap();
    assert_eq!((made.scalar("price"), made.scalar("limit")), (Value::Decimal("1.5".parse().unwrap()), Value::I64(21)));
    let failed = Fake::new().run::<Does>(&[("what", "params"), ("limit", "11")]).unwrap_err();
    assert_eq!((failed.status, failed.param.as_str()), (Status::BAD_PARAM, "limit"));
}

#[test]
fn the_plugins_own_mistakes_are_a_500_that_names_them() {
    for (what, code) in [
        ("undeclared", "undeclared_parameter"),
        ("not_given", "missing_parameter"),
        ("wrong_type", "wrong_parameter_type"),
        ("no_column", "no_such_column"),
        ("column_type", "wrong_column_type"),
        ("uneven", "uneven_columns"),
        ("wrong_cell", "wrong_column_type"),
        ("nul", "bad_text"),
        ("bad_name", "wrong_use"),
        ("early_chart", "wrong_use"),
        ("io", "plugin_error"),
    ] {
        let (status, given, message) = refused(what);
        assert_eq!((status, given.as_str()), (500, code), "{}: {}", what, message);
    }
    assert_eq!(refused("io").2, "the disk is gone");
}

#[test]
fn failing_keeps_status_code_parameter_and_when_to_try_again() {
    let failed = run(&Fake::new(), "says").unwrap_err();
    assert_eq!((failed.status.0, failed.code.as_str(), failed.param.as_str()), (422, "too_odd", "limit"));
    assert_eq!(failed.retry_after, Some(Duration::from_secs(2)));
    assert_eq!(refused("overflow").1, "decimal_overflow");
}

#[test]
fn a_query_that_failed_is_the_calls_failure_or_is_got_over() {
    let host = Fake::new().refuse("candles", Status::UPSTREAM, "exchange_down", "It is down.");
    let failed = run(&host, "copy").unwrap_err();
    assert_eq!((failed.status, failed.code.as_str()), (Status::UPSTREAM, "exchange_down"));
    let made = run(&Fake::new().answer("candles", candles()), "goes_on").unwrap();
    assert!(made.has_note("partial"));
    assert_eq!(made.scalar("rows"), Value::I64(3));
}

#[test]
fn every_function_of_the_host_may_fail() {
    let host = || Fake::new().answer("candles", candles());
    for function in ["query", "table", "rows", "chart"] {
        let failed = run(&host().fail_at(function, 1), "copy").unwrap_err();
        assert_eq!(failed.code, "fake_failure", "{}", function);
    }
    for function in ["meta", "scalar"] {
        assert_eq!(run(&host().fail_at(function, 1), "kinds").unwrap_err().code, "fake_failure");
    }
    let failed = run(&host().fail_at("note", 1), "goes_on").unwrap_err();
    assert_eq!(failed.code, "fake_failure");
    let failed = run(&host().without("fresh_until").without("release"), "pages");
    assert_eq!(failed.unwrap().scalar("rows"), Value::I64(3));
}

#[test]
fn the_deadline_ends_a_loop_and_other_threads_may_look_at_it() {
    let failed = run(&Fake::new().deadline_after(1000), "polls").unwrap_err();
    assert_eq!(failed.status, Status::DEADLINE);
    let made = run(&Fake::new().now(Time(9)), "threads").unwrap();
    assert_eq!(made.scalar("now"), Value::Time(Time(9)));
}

#[test]
fn a_panic_is_a_failure_and_the_next_call_is_none() {
    let host = Fake::new().answer("candles", candles());
    let (status, code, message) = refused("none");
    assert_eq!((status, code.as_str()), (500, "plugin_panicked"));
    assert!(message.contains("`Option::unwrap()` on a `None` value"), "{}", message);
    assert!(run(&host, "of what").unwrap_err().message.contains("of what of 3"));
    assert!(run(&host, "copy").is_ok());
}

struct Falls;
impl Drop for Falls {
    fn drop(&mut self) {
        panic!("in drop");
    }
}
impl Analysis for Falls {
    fn about() -> About {
        About::new("falls", "Falls")
    }
    fn create(_: Host, _: &Values<'_>) -> Result<Self> {
        Ok(Falls)
    }
    fn run(&self, _: &Call<'_>, _: &Values<'_>) -> Result<()> {
        Ok(())
    }
}

#[test]
fn a_panic_in_drop_is_a_line_in_the_log() {
    let host = Fake::new();
    assert!(host.run::<Falls>(&[]).is_ok());
    let logged = host.logged();
    assert_eq!(logged.len(), 1, "{:?}", logged);
    assert_eq!(logged[0].0, 40);
    assert!(logged[0].1.contains("a destructor: in drop"), "{:?}", logged);
}

struct Feed;
impl Source for Feed {
    fn about() -> About {
        About::new("feed", "Feed")
            .parts(Parts::TABLES)
            .dataset(Dataset::of(&market::CANDLES))
            .dataset(Dataset::new("readings", "Readings.").param(Param::integer("n").default("2")).field(CHANGE))
    }
    fn create(_: Host, _: &Values<'_>) -> Result<Self> {
        Ok(Feed)
    }
    fn fetch(&self, call: &Call<'_>, dataset: &str, params: &Values<'_>) -> Result<()> {
        match dataset {
            "readings" => {
                let n: i64 = params.get("n")?;
                call.fresh_until(Time(1))?;
                call.add(&Table::new("readings", "Readings").column(&CHANGE, (0..n).map(|row| row as f64)))
            }
            _ => Err(Error::new(Status::NOT_FOUND, "symbol_not_found", params.get::<&str>("symbol")?)),
        }
    }
}
/// Twice what is below.
struct Twice;
impl Layer for Twice {
    fn about() -> About {
        About::new("twice", "Twice").parts(Parts::TABLES).dataset(Dataset::new("readings", "").field(CHANGE))
    }
    fn create(_: Host, _: &Values<'_>) -> Result<Self> {
        Ok(Twice)
    }
    fn fetch(&self, call: &Call<'_>, dataset: &str, _: &Values<'_>) -> Result<()> {
        let below = call.ask(Query::new(dataset))?.table(0)?;
        let twice = below.reals("change")?.iter().map(|value| value.map(|value| 2.0 * value));
        call.add(&Table::new("readings", "Readings").column(&CHANGE, twice))
    }
}
/// A line for each scalar and row.
struct Lines;
impl Serializer for Lines {
    fn about() -> About {
        About::new("lines", "Lines").media_type("text/plain; charset=utf-8", "txt").parts(Parts::TABLES)
    }
    fn create(_: Host, _: &Values<'_>) -> Result<Self> {
        Ok(Lines)
    }
    fn render(&self, call: &Call<'_>, _: &Values<'_>, report: Report<'_>) -> Result<()> {
        call.header("x-rows", "many")?;
        let mut out = call.out();
        for table in report.tables() {
            let names: Vec<&str> = table.fields().map(|field| field.name).collect();
            for row in 0..table.rows() {
                write!(out, "{}:", row)?;
                for (column, name) in names.iter().enumerate() {
                    write!(out, " {}={:?}", name, table.cell(column, row))?;
                }
                out.text("\n")?;
            }
        }
        out.end()
    }
}

#[test]
fn a_source_a_layer_over_it_and_a_serializer_work_in_a_row() {
    let made = Fake::new().fetch::<Feed>("readings", &[("n", "3")]).unwrap();
    let over = Fake::new().answer_with("readings", made);
    let twice = over.fetch_over::<Twice>("readings", &[]).unwrap();
    assert_eq!(twice.column("readings", "change"), [Value::F64(0.0), Value::F64(2.0), Value::F64(4.0)]);
    let text = Fake::new().render::<Lines>(twice.report(), &[]).unwrap();
    assert_eq!(text.text(), "0: change=F64(0.0)\n1: change=F64(2.0)\n2: change=F64(4.0)\n");
    assert_eq!(text.headers(), [("x-rows".to_owned(), "many".to_owned())]);
    let failed = Fake::new().fetch::<Feed>("candles", &[("symbol", "NO")]).unwrap_err();
    assert_eq!((failed.code.as_str(), failed.message.as_str()), ("symbol_not_found", "NO"));
}

#[test]
fn much_is_written_in_blocks_and_a_client_that_left_ends_it() {
    let rows = 10_000usize;
    let many = Table::new("t", "").column(&CHANGE, (0..rows).map(|row| row as f64));
    let host = Fake::new().answer("many", many);
    struct Passes;
    impl Analysis for Passes {
        fn about() -> About {
            About::new("passes", "Passes")
        }
        fn create(_: Host, _: &Values<'_>) -> Result<Self> {
            Ok(Passes)
        }
        fn run(&self, call: &Call<'_>, _: &Values<'_>) -> Result<()> {
            let table = call.ask(Query::new("many"))?.table(0)?;
            call.add(&Table::new("t", "").column(&CHANGE, table.reals("change")?))
        }
    }
    let made = host.run::<Passes>(&[]).unwrap();
    let text = Fake::new().render::<Lines>(made.report(), &[]).unwrap();
    assert_eq!(text.text().lines().count(), rows);
    let failed = Fake::new().fail_at("write", 2).render::<Lines>(made.report(), &[]).unwrap_err();
    assert_eq!(failed.code, "fake_failure");
}
