//! The bucket: its address in settings, its credentials in the environment, so that no secret of it
//! ever passes through our hands.

use crate::StorageError;
use object_store::aws::AmazonS3Builder;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};
use std::sync::Arc;
use std::time::Duration;

/// A part of a file on a slow line.
const REQUEST: Duration = Duration::from_secs(300);
const CONNECT: Duration = Duration::from_secs(5);
/// Only what passes at once is tried again here; the queue of what is to be sent has more patience.
const TRIES: usize = 2;
const TRYING: Duration = Duration::from_secs(20);

/// Which bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemoteOptions {
    /// `s3://BUCKET` or `s3://BUCKET/PREFIX`.
    pub url: String,
    /// Where it is answered when that is not AWS: `https://HOST:PORT`.
    pub endpoint: Option<String>,
    /// Its region.
    pub region: Option<String>,
}

/// Credentials are those of the environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`), or what
/// AWS gives its machines.
pub(crate) fn open(options: &RemoteOptions) -> Result<Arc<dyn ObjectStore>, StorageError> {
    let bad = |why: String| StorageError::BadBucket(why);
    let place = options.url.strip_prefix("s3://").filter(|place| !place.is_empty());
    let place = place.ok_or_else(|| bad("it must be s3://BUCKET or s3://BUCKET/PREFIX".into()))?;
    let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
    let retry = RetryConfig {
        max_retries: TRIES,
        retry_timeout: TRYING,
        backoff: BackoffConfig::default(),
    };
    let client = ClientOptions::new().with_timeout(REQUEST).with_connect_timeout(CONNECT);
    let mut builder = AmazonS3Builder::from_env()
        .with_bucket_name(bucket)
        .with_retry(retry)
        .with_client_options(client);
    if let Some(region) = &options.region {
        builder = builder.with_region(region);
    }
    if let Some(endpoint) = &options.endpoint {
        builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
    }
    let store = builder.build().map_err(|error| bad(error.to_string()))?;
    Ok(match prefix.trim_matches('/') {
        "" => Arc::new(store),
        prefix => Arc::new(PrefixStore::new(store, prefix)),
    })
}
