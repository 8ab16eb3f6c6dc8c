/**
 * Who may use native memory that several threads share, and when it may be freed. Start with
 * {@link io.github.peft4j.models.internal.lease.Leases}.
 */
@NullMarked
package io.github.peft4j.models.internal.lease;

import org.jspecify.annotations.NullMarked;
