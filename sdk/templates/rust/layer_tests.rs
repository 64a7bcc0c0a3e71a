//! What the layer does, without a server: against the host that bourse::testing brings.
use crate::@TYPE@;
use bourse::testing::Host;
use bourse::*;

#[test]
fn prices_below_the_least_are_left_out_and_said_so() {
    let prices: Vec<Decimal> = ["90000", "2", "1.99"].iter().map(|text| text.parse().unwrap()).collect();
    let below = Table::new("prices", "")
        .column(&Field::of(&market::PRICES_SYMBOL), vec!["BTCUSDT", "ETHUSDT", "XRPUSDT"])
        .column(&Field::of(&market::PRICES_PRICE), &prices);
    let host = Host::new().answer("prices", below).setting("least", "2");
    let made = host.fetch_over::<@TYPE@>("prices", &[("symbols", "BTCUSDT,ETHUSDT,XRPUSDT")]).unwrap();
    assert_eq!(made.column("prices", "symbol"), [Value::from("BTCUSDT"), Value::from("ETHUSDT")]);
    assert!(made.has_note("left_out"));
}

#[test]
fn what_the_source_below_cannot_do_is_the_answer() {
    let host = Host::new().refuse("prices", Status::UPSTREAM, "exchange_down", "The exchange does not answer.");
    let failed = host.fetch_over::<@TYPE@>("prices", &[("symbols", "BTCUSDT")]).unwrap_err();
    assert_eq!(failed.status, Status::UPSTREAM);
}
