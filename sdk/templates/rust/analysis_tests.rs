//! What the analysis does, without a server: against the host that bourse::testing brings.
use crate::@TYPE@;
use bourse::testing::Host;
use bourse::*;

fn candles(closes: &[Option<Decimal>]) -> Table<'static> {
    Table::new("candles", "")
        .column(&Field::of(&market::CANDLES_OPEN_TIME), (0..closes.len()).map(|day| Time(day as i64)))
        .column(&Field::of(&market::CANDLES_CLOSE), closes)
}

#[test]
fn a_price_that_rose_by_a_tenth_moved_by_ten_percent() {
    let closes = [Some(Decimal::from(100)), None, Some(Decimal::from(110))];
    let host = Host::new().answer("candles", candles(&closes));
    let made = host.run::<@TYPE@>(&[("symbol", "BTCUSDT")]).unwrap();
    assert_eq!(made.scalar("rows"), Value::I64(3));
    match made.scalar("moved") {
        Value::F64(moved) => assert!((moved - 10.0).abs() < 1e-9, "{}", moved),
        other => panic!("{:?}", other),
    }
    assert_eq!(made.table("closes").rows(), 3);
    assert_eq!(host.asked()[0].args[1], ("limit".to_owned(), Value::I64(50)));
}

#[test]
fn what_the_source_cannot_do_is_its_answer_too() {
    let host = Host::new().refuse("candles", Status::UPSTREAM, "exchange_down", "The exchange does not answer.");
    let failed = host.run::<@TYPE@>(&[("symbol", "BTCUSDT")]).unwrap_err();
    assert_eq!(failed.status, Status::UPSTREAM);
}

#[test]
fn no_candles_are_no_answer_and_no_crash() {
    let host = Host::new().answer("candles", candles(&[]));
    let made = host.run::<@TYPE@>(&[("symbol", "BTCUSDT")]).unwrap();
    assert_eq!(made.scalar("moved"), Value::Null);
}
