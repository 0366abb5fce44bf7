//! Clients: what each holds across its sockets, how it comes in, its legs, and what waits for it; people,
//! applications, and legs that come by WHIP or WHEP.

pub(crate) mod app_connection;
pub(crate) mod app_requests;
pub(crate) mod connect;
pub(crate) mod connection;
pub(crate) mod delivery;
pub(crate) mod door;
pub(crate) mod entitlement;
pub(crate) mod ice_server;
pub(crate) mod inbox;
pub(crate) mod leg_places;
pub(crate) mod legs;
pub(crate) mod link;
pub(crate) mod lobby;
pub(crate) mod offer;
pub(crate) mod recipient;
pub(crate) mod unconfirmed;
pub(crate) mod whip_state;
pub(crate) mod whip_whep;
