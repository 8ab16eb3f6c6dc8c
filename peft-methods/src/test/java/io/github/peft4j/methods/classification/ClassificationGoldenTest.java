package io.github.peft4j.methods.classification;

import io.github.peft4j.methods.golden.GoldenAdapter;
import io.github.peft4j.methods.golden.GoldenHeadsContract;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.classification.SequenceHead;

/** Every method that Hugging Face PEFT has for SEQ_CLS, on classifiers: {@code tools/golden_classification.py} wrote the cases. */
class ClassificationGoldenTest extends GoldenHeadsContract {

    ClassificationGoldenTest() {
        super("classification");
    }

    @Override
    protected String baseName(GoldenAdapter given) {
        return given.name().substring(0, given.name().indexOf('-'));
    }

    @Override
    protected Class<? extends Head> head(GoldenAdapter given) {
        return SequenceHead.class;
    }
}
