//! What the source does, without a server: against the host that bourse::testing brings.
use crate::@TYPE@;
use bourse::testing::Host;
use bourse::*;

#[test]
fn prices_begin_where_the_setting_says() {
    let host = Host::new().setting("first", "10.50");
    let made = host.fetch::<@TYPE@>("prices", &[("symbols", "BTCUSDT,ETHUSDT")]).unwrap();
    assert_eq!(made.column("prices", "symbol"), [Value::from("BTCUSDT"), Value::from("ETHUSDT")]);
    let exact = |text: &str| Value::Decimal(text.parse().unwrap());
    assert_eq!(made.column("prices", "price"), [exact("10.50"), exact("11.50")]);
}

#[test]
fn any_function_of_the_host_may_fail() {
    let host = Host::new().fail_at("table", 1);
    assert!(host.fetch::<@TYPE@>("prices", &[("symbols", "BTCUSDT")]).is_err());
}
