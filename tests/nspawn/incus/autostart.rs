//! Instances that start by themselves, and take their time.

use super::*;

/// Ten minutes after the first instance incusd is not ready by its own word: it must not be killed for that.
#[test]
fn a_slow_autostart_is_not_killed_and_delays_nothing() {
    let Some(router) = router("a_slow_autostart_is_not_killed_and_delays_nothing", LEAST) else {
        return;
    };
    let machine = router.boot();
    is_whole(&machine);
    container_has_a_lease(
        &machine,
        "incus init bb c1 -c boot.autostart=true -c boot.autostart.delay=600",
        "10.234.116.5",
    );
    machine.power_off();

    let machine = router.boot();
    is_whole(&machine);
    machine.until(
        "the container is back",
        40,
        &format!("{CLIENT} incus exec c1 -- cat /tmp/lease"),
    );
    machine.sh("! /usr/libexec/incus/incusd waitready --timeout=1");
    assert_eq!(machine.property("incus.service", "NRestarts"), "0");
    assert_eq!(machine.sh("systemctl --failed --no-legend --plain"), "");
}
