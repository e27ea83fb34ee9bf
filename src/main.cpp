#include "tiercel/app/run.h"

int main(int argc, char** argv) { return tiercel::app::run(argc, argv); }
