/**
 * Requests to a hub, over the JDK's own client: redirects with a token that stays at home, retries, bounded waiting and answers. It knows nothing of any one hub's
 * protocol. Start with {@link io.github.peft4j.models.hub.internal.http.HubClient}.
 */
@NullMarked
package io.github.peft4j.models.hub.internal.http;

import org.jspecify.annotations.NullMarked;
