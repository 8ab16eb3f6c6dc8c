package io.github.peft4j.models.internal.architecture.phi3;

import io.github.peft4j.models.ModelFamilyContract;

class Phi3Test extends ModelFamilyContract {

    Phi3Test() {
        super("phi3");
    }
}
