//! Handshakes with peers of other makes.

use std::sync::Arc;
use std::time::Duration;

use openssl::asn1::Asn1Time;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::{X509Builder, X509NameBuilder};
use str0m::RtcConfig;
use str0m::config::DtlsCert;
use str0m::format::Codec;

use crate::tests::peer::Peer;
use crate::tests::rig::{World, vp8_frame};
use crate::{Closed, LegKey, Offer};

const SECOND: Duration = Duration::from_secs(1);

fn certificate(key: &PKey<Private>) -> DtlsCert {
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "camera").unwrap();
    let name = name.build();
    let mut builder = X509Builder::new().unwrap();
    builder.set_version(2).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(30).unwrap()).unwrap();
    builder.set_pubkey(key).unwrap();
    builder.sign(key, MessageDigest::sha256()).unwrap();
    let certificate = builder.build().to_der().unwrap();
    DtlsCert { certificate, private_key: key.private_key_to_pkcs8().unwrap() }
}

fn joined(shape: impl FnOnce(RtcConfig) -> RtcConfig) -> (World, bool) {
    let mut world = World::new();
    let peer = Peer::configured(world.next_addr(), false, world.now, shape);
    let make = |peer: &mut Peer| Offer::new(peer.full_offer());
    let (i, _) = world.call_as(peer, make, |_, answer| answer.to_owned());
    let is_up = world.run_until(3 * SECOND, |w| w.peers[i].connected && w.is_up(i));
    (world, is_up)
}

#[test]
fn a_peer_with_an_rsa_certificate_connects_and_its_pictures_come() {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let (mut world, is_up) = joined(|config| config.set_dtls_cert(certificate(&key)));
    assert!(is_up);
    for n in 0..10u32 {
        let now = world.now;
        let frame = vp8_frame(n, n == 0, 900);
        world.peers[0].send_picture(now, Codec::Vp8, u64::from(n) * 3000, &frame);
        world.run(Duration::from_millis(33));
    }
    assert!(world.heard(|h| h.pictures.len()) >= 8);
}

#[test]
fn peers_of_another_make_and_of_another_curve_connect() {
    let theirs = Arc::new(str0m::crypto::from_feature_flags());
    assert!(joined(|config| config.set_crypto_provider(theirs)).1, "the stack's own DTLS");
    let curve = EcGroup::from_curve_name(Nid::SECP384R1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&curve).unwrap()).unwrap();
    assert!(joined(|config| config.set_dtls_cert(certificate(&key))).1);
}

#[test]
fn a_handshake_that_fails_ends_the_leg_at_once_and_says_so() {
    let mut world = World::new();
    let (i, _) = world.call(|peer| Offer::new(peer.full_offer()));
    let addr = world.peers[i].addr.to_string();
    world.now += Duration::from_millis(50);
    world.peers[i].tick(world.now);
    for (_, check) in world.peers[i].drain() {
        assert!(world.inject(&addr, &check));
    }
    // A hello of four bytes.
    let hello = [
        22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 1, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 4, 1, 2, 3,
        4,
    ];
    world.inject(&addr, &hello);
    assert_eq!(world.heard(|h| h.closed.clone()), [(LegKey(0), Closed::DtlsFailed)]);
    assert_eq!(world.counters().dtls_failed, 1);
}

#[test]
fn no_forged_record_ends_the_connection_of_the_member_whose_address_it_bears() {
    let (mut world, is_up) = joined(|config| config);
    assert!(is_up);
    let from = world.peers[0].addr.to_string();
    for kind in 20..=25u8 {
        for epoch in 0..=2 {
            for length in (0..80u8).chain([255]) {
                let mut record = vec![kind, 254, 253, 0, epoch, 0, 0, 0, 0, 0, 9, 0, length];
                record.resize(13 + usize::from(length), 7);
                world.inject(&from, &record);
            }
        }
    }
    world.run(SECOND);
    for n in 0..10u32 {
        let now = world.now;
        let frame = vp8_frame(n, n == 0, 900);
        world.peers[0].send_picture(now, Codec::Vp8, u64::from(n) * 3000, &frame);
        world.run(Duration::from_millis(33));
    }
    assert!(world.heard(|h| h.pictures.len()) >= 8);
    world.peers[0].rtc.close().unwrap();
    world.run(SECOND);
    assert_eq!(
        world.heard(|h| h.closed.clone()),
        [(LegKey(0), Closed::ByPeer)],
        "a goodbye counts"
    );
}
