/**
 * Classes and scores of whole rows: a {@link io.github.peft4j.models.classification.SequenceHead} that reads each row's last token, and
 * the {@link io.github.peft4j.models.classification.SequenceClassification} loss for one class, several labels or numbers.
 */
@NullMarked
package io.github.peft4j.models.classification;

import org.jspecify.annotations.NullMarked;
